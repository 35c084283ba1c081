/** All that one line says, and the way to everything that belongs to it. */
import { Route, X } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { FullTime } from "@/components/ui/time";
import { idOf, instantOf, toneOfLevel, worded } from "@/features/logs/model";
import type { LogLine } from "@/lib/resources/logs";

interface LineProps {
  line: LogLine;
  onClose: () => void;
  onFollow: (id: string) => void;
}

export function Line({ line, onClose, onFollow }: LineProps) {
  const id = idOf(line);
  const at = instantOf(line);
  const tone = toneOfLevel(line.level);
  const { exception, ...fields } = line.fields;
  return (
    <aside
      aria-label="The chosen line"
      className="fixed inset-x-0 bottom-14 z-20 flex max-h-[60dvh] flex-col border-t border-line-strong bg-surface shadow-raised md:bottom-0 lg:static lg:max-h-none lg:w-104 lg:shrink-0 lg:border-t-0 lg:border-l lg:border-line lg:shadow-none"
    >
      <header className="flex items-start gap-3 border-b border-line px-4 py-2.5">
        <div className="min-w-0 flex-1 space-y-1">
          <h2 className="font-mono text-sm font-semibold [overflow-wrap:anywhere]">{line.event}</h2>
          <p className="flex flex-wrap items-center gap-2 text-xs text-faint">
            <Badge tone={tone}>{line.level}</Badge>
            {at !== null && <FullTime at={at} />}
            <span>{line.file}</span>
          </p>
        </div>
        <Button weight="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X aria-hidden="true" />
        </Button>
      </header>
      <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-4">
        {id !== null && (
          <Button size="small" onClick={() => onFollow(id)}>
            <Route aria-hidden="true" /> Follow {id.slice(0, 24)}
          </Button>
        )}
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 font-mono text-xs">
          {Object.entries(fields).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-faint">{name}</dt>
              <dd className="whitespace-pre-wrap [overflow-wrap:anywhere]">{worded(value)}</dd>
            </div>
          ))}
        </dl>
        {exception !== undefined && (
          <pre
            tabIndex={0}
            className="overflow-x-auto rounded-md border border-bad/40 bg-sunken p-3 font-mono text-2xs leading-4.5"
          >
            {worded(exception)}
          </pre>
        )}
      </div>
    </aside>
  );
}
