/** The users: their roles, whether they may sign in, and how to let somebody in. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";

import type { Person, Role } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { TypedConfirmation } from "@/components/ui/dialog";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput, Select } from "@/components/ui/input";
import { isOutdated, Retrying } from "@/components/ui/retrying";
import { Age, FullTime } from "@/components/ui/time";
import { SignInLink } from "@/features/people/sign-in-link";
import { initialsOf, ROLES, sayChange, signInOf } from "@/features/people/model";
import type { PeopleSearch } from "@/features/people/search";
import { classes } from "@/lib/classes";
import { Problem } from "@/lib/problem";
import { changeUser, removeUser, serverQuery, usersQuery } from "@/lib/resources/people";
import { useSession } from "@/lib/session";
import { useSettled } from "@/lib/settled";

const PAUSE_MS = 250;

interface UsersProps {
  search: PeopleSearch;
  onSearch: (search: PeopleSearch) => void;
}

export function Users({ search, onSearch }: UsersProps) {
  const words = useSettled(search.q ?? "", PAUSE_MS);
  const query = useInfiniteQuery({ ...usersQuery(words), placeholderData: keepPreviousData });
  const server = useQuery(serverQuery);
  const [linked, setLinked] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Person | null>(null);
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const say = (error: unknown): void => {
    toast.error(Problem.of(error).detail || Problem.of(error).title);
  };
  const remove = useMutation({
    mutationFn: (person: Person) => removeUser(person.id),
    onSuccess: (_, person) => toast(`${person.email} is removed`),
    onError: say,
    onSettled: refresh,
  });
  const users = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card aria-label="Users">
      <CardHead title="Users">
        <SearchInput
          label="Find somebody"
          value={search.q ?? ""}
          onChange={(q) => onSearch(q === "" ? {} : { q })}
          className="w-52"
        />
        {server.data?.signIn === "local" && (
          <Button onClick={() => setLinked("")} title="A link that signs somebody in once">
            <LogIn aria-hidden="true" /> Let somebody in
          </Button>
        )}
      </CardHead>
      {query.isError && query.data === undefined && (
        <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <LoadingRows rows={8} />}
      {query.data !== undefined && users.length === 0 && (
        <EmptyFace title={words === "" ? "There are no users yet" : "Nobody is called that"}>
          Users appear here when they first sign in.
        </EmptyFace>
      )}
      <Retrying query={query} className="px-4" />
      {users.length > 0 && (
        <div className="relative overflow-x-auto">
          <table data-stale={isOutdated(query)} className="w-full text-left text-xs">
            <thead>
              <tr className="text-2xs text-muted">
                {["Name", "Role", "Access", "Last signed in", "Signs in at", "Since", ""].map((title, at) => (
                  <th
                    key={title}
                    className={classes("px-4 py-2 font-medium", at > 2 && at < 6 && "hidden lg:table-cell")}
                  >
                    {title === "" ? <span className="sr-only">Deeds</span> : title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="live">
              {users.map((person) => (
                <UserRow
                  key={person.id}
                  person={person}
                  isLocal={server.data?.signIn === "local"}
                  onProblem={say}
                  onLink={() => setLinked(person.email)}
                  onRemove={() => setLeaving(person)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <div className="p-3 text-center">
          <Button size="small" weight="quiet" onClick={() => void query.fetchNextPage()}>
            More users
          </Button>
        </div>
      )}
      {linked !== null && <SignInLink email={linked} onClose={() => setLinked(null)} />}
      <TypedConfirmation
        title={`Remove ${leaving?.displayName ?? ""}`}
        word={leaving?.email ?? ""}
        deed="Remove"
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving !== null && remove.mutate(leaving)}
      >
        Their settings, watchlist, positions and keys go with them and cannot be brought back. To end their access and
        keep the rest, deactivate them instead.
      </TypedConfirmation>
    </Card>
  );
}

interface UserRowProps {
  person: Person;
  isLocal: boolean;
  onProblem: (error: unknown) => void;
  onLink: () => void;
  onRemove: () => void;
}

const ACTIVE = { tone: "good", mark: "full", word: "Active" } as const;
const ENDED = { tone: "off", mark: "ring", word: "Deactivated" } as const;

function UserRow({ person, isLocal, onProblem, onLink, onRemove }: UserRowProps) {
  const client = useQueryClient();
  const state = useSession();
  const refresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const isMe = state.phase === "signed-in" && state.person.id === person.id;
  const change = useMutation({
    mutationFn: (over: { role?: Role; isActive?: boolean }) => changeUser(person.id, over),
    onSuccess: (_, over) => {
      const before = over.role === undefined ? { isActive: person.isActive } : { role: person.role };
      toast(sayChange(person.email, over), {
        id: `changed ${person.id}`,
        // Undoing goes past this row's own mutation, so that it asks for no undoing in turn.
        action: { label: "Undo", onClick: () => void changeUser(person.id, before).catch(onProblem).finally(refresh) },
      });
    },
    onError: onProblem,
    onSettled: refresh,
  });
  return (
    <tr className={classes("border-t border-line/70", !person.isActive && "text-muted")}>
      <th scope="row" className="px-4 py-2 font-normal">
        <span className="flex min-w-0 items-center gap-2.5">
          <span
            aria-hidden="true"
            className="grid size-7 shrink-0 place-items-center rounded-full bg-hover text-2xs font-semibold text-muted"
          >
            {initialsOf(person)}
          </span>
          <span className="min-w-0">
            <span className="flex items-center gap-2 text-sm font-medium">
              <span className="max-w-60 truncate">{person.displayName}</span> {isMe && <Badge>you</Badge>}
            </span>
            <span className="block max-w-60 truncate text-faint">{person.email}</span>
          </span>
        </span>
      </th>
      <td className="px-4 py-2">
        <Select
          label={`Role of ${person.email}`}
          value={person.role}
          options={ROLES}
          onChange={(role) => change.mutate({ role })}
          className={classes("w-40", change.isPending && "opacity-60")}
        />
      </td>
      <td className="px-4 py-2">
        <span className="flex items-center gap-1.5 whitespace-nowrap">
          <StateDot condition={person.isActive ? ACTIVE : ENDED} />
          {person.isActive ? ACTIVE.word : ENDED.word}
        </span>
      </td>
      <td className="hidden px-4 py-2 text-muted lg:table-cell">
        {person.lastLoginAt === null ? "never" : <Age at={person.lastLoginAt} />}
      </td>
      <td className="hidden max-w-48 truncate px-4 py-2 text-muted lg:table-cell">{signInOf(person)}</td>
      <td className="hidden px-4 py-2 text-muted lg:table-cell">
        <FullTime at={person.createdAt} />
      </td>
      <td className="px-4 py-2">
        <span className="flex justify-end gap-1">
          {isLocal && person.isActive && (
            <Button size="small" weight="quiet" onClick={onLink}>
              Link
            </Button>
          )}
          <Button
            size="small"
            weight="quiet"
            disabled={change.isPending}
            title={isMe ? "You would lose your own access at once" : undefined}
            onClick={() => change.mutate({ isActive: !person.isActive })}
          >
            {person.isActive ? "Deactivate" : "Activate"}
          </Button>
          <Button size="small" weight="quiet" className="text-bad hover:text-bad" onClick={onRemove}>
            Remove…
          </Button>
        </span>
      </td>
    </tr>
  );
}
