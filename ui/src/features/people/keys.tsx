/** The keys of partners' programs: what each opens, until when, and when it was last used. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";

import { StateBadge } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { TypedConfirmation } from "@/components/ui/dialog";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Age, FullTime } from "@/components/ui/time";
import { KeyForm } from "@/features/people/key-form";
import { conditionOfKey, endOf, inOrder } from "@/features/people/model";
import { classes } from "@/lib/classes";
import { count } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { keysQuery, revokeKey, type Key } from "@/lib/resources/people";
import { useNow } from "@/lib/time";

const HIDDEN = "hidden lg:table-cell";

export function Keys() {
  const client = useQueryClient();
  const query = useQuery(keysQuery);
  const now = useNow();
  const [isMaking, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Key | null>(null);
  const revoke = useMutation({
    mutationFn: (key: Key) => revokeKey(key.id),
    onSuccess: (_, key) => toast(`${key.name} is revoked`, { description: "Its connections are closed." }),
    onError: (error) => toast.error(Problem.of(error).detail || Problem.of(error).title),
    onSettled: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const keys = inOrder(query.data ?? [], now);
  return (
    <Card aria-label="API keys" className="overflow-x-auto">
      <CardHead title="API keys" note="for programs of partners">
        <Button weight="primary" onClick={() => setMaking(true)}>
          <Plus aria-hidden="true" /> Make a key
        </Button>
      </CardHead>
      {query.isError && query.data === undefined && (
        <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <LoadingRows rows={6} />}
      {query.data !== undefined && keys.length === 0 && (
        <EmptyFace title="There are no keys yet">
          A key lets a partner&apos;s program read what its scopes name, at its own rate, until you revoke it.
        </EmptyFace>
      )}
      {keys.length > 0 && (
        <div className="relative overflow-x-auto">
          <table className="w-full text-left text-xs">
            <thead>
              <tr className="text-2xs text-muted">
                <th className="px-4 py-2 font-medium">Key</th>
                <th className="px-4 py-2 font-medium">State</th>
                <th className={classes("px-4 py-2 font-medium", HIDDEN)}>Scopes</th>
                <th className={classes("px-4 py-2 text-right font-medium", HIDDEN)}>A minute</th>
                <th className="px-4 py-2 font-medium">Last used</th>
                <th className={classes("px-4 py-2 font-medium", HIDDEN)}>Ends</th>
                <th className={classes("px-4 py-2 font-medium", HIDDEN)}>Made</th>
                <th className="px-4 py-2">
                  <span className="sr-only">Deeds</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <KeyRow key={key.id} made={key} now={now} onRevoke={() => setLeaving(key)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isMaking && <KeyForm onClose={() => setMaking(false)} />}
      <TypedConfirmation
        title={`Revoke ${leaving?.name ?? ""}`}
        word={leaving?.prefix ?? ""}
        deed="Revoke"
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving !== null && revoke.mutate(leaving)}
      >
        Whatever uses this key is shut out at once, its open connections as well. It cannot be made valid again.
      </TypedConfirmation>
    </Card>
  );
}

function KeyRow({ made, now, onRevoke }: { made: Key; now: number; onRevoke: () => void }) {
  const condition = conditionOfKey(made, now);
  const isOver = condition.tone === "off";
  return (
    <tr className={classes("border-t border-line/70", isOver && "text-muted")}>
      <th scope="row" className="px-4 py-2 font-normal">
        <span className="block max-w-56 truncate text-sm font-medium">{made.name}</span>
        <span className="font-mono text-faint">{made.prefix}…</span>
      </th>
      <td className="px-4 py-2">
        <StateBadge condition={condition} />
      </td>
      <td className={classes("px-4 py-2", HIDDEN)}>
        <span className="flex max-w-64 flex-wrap gap-1">
          {made.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </td>
      <td className={classes("num px-4 py-2 text-right", HIDDEN)}>{count(made.requestsPerMinute)}</td>
      <td className="px-4 py-2 text-muted">{made.lastUsedAt === null ? "never" : <Age at={made.lastUsedAt} />}</td>
      <td className={classes("num px-4 py-2 text-muted", HIDDEN)}>{endOf(made, now)}</td>
      <td className={classes("px-4 py-2 text-muted", HIDDEN)}>
        <FullTime at={made.createdAt} />
      </td>
      <td className="px-4 py-2 text-right">
        {!isOver && (
          <Button size="small" weight="quiet" className="text-bad hover:text-bad" onClick={onRevoke}>
            Revoke…
          </Button>
        )}
      </td>
    </tr>
  );
}
