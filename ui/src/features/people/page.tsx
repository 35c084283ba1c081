/** Who may sign in and what they may do, and the keys of partners' programs: for admins. */
import { Card } from "@/components/ui/card";
import { ErrorFace } from "@/components/ui/faces";
import { Segments } from "@/components/ui/tabs";
import { Keys } from "@/features/people/keys";
import type { PeopleSearch } from "@/features/people/search";
import { Users } from "@/features/people/users";
import { Problem } from "@/lib/problem";
import { useIsAdmin } from "@/lib/session";

interface PeoplePageProps {
  search: PeopleSearch;
  onSearch: (search: PeopleSearch) => void;
}

export function PeoplePage({ search, onSearch }: PeoplePageProps) {
  const isAdmin = useIsAdmin();
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight">Users and keys</h1>
        {isAdmin && (
          <Segments
            label="List"
            value={search.tab ?? "users"}
            options={[
              { value: "users", label: "Users" },
              { value: "keys", label: "API keys" },
            ]}
            onChange={(tab) => onSearch(tab === "keys" ? { tab } : {})}
          />
        )}
      </header>
      {!isAdmin ? (
        <Card>
          <ErrorFace error={new Problem(403, "Forbidden", "")} />
        </Card>
      ) : search.tab === "keys" ? (
        <Keys />
      ) : (
        <Users search={search} onSearch={onSearch} />
      )}
    </div>
  );
}
