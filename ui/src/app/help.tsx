/** The keys, on one sheet. */
import { usePages } from "@/app/pages";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";

type Line = readonly [keys: readonly string[], deed: string];

const EVERYWHERE: readonly Line[] = [
  [["Ctrl K"], "Go to a page or a symbol"],
  [["?"], "This sheet"],
  [["Esc"], "Close, or choose nothing"],
];
const LISTS: readonly Line[] = [
  [["j", "k"], "Next and previous row"],
  [["↵"], "Open the row"],
  [["/"], "Search"],
];
const OTHERS: readonly Line[] = [
  [["1", "–", "5"], "Timeframe of the chart"],
  [["p"], "Hold the logs, and go on"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const pages = usePages();
  return (
    <Dialog title="Keys" isOpen onClose={onClose}>
      <div className="grid gap-x-8 gap-y-5 text-sm sm:grid-cols-2">
        <div className="space-y-5">
          <Lines title="Everywhere" lines={EVERYWHERE} />
          <Lines title="In signals, alerts and logs" lines={LISTS} />
          <Lines title="Elsewhere" lines={OTHERS} />
        </div>
        <Lines title="Pages" lines={pages.map((page) => [["g", page.key], page.title])} />
      </div>
    </Dialog>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <section>
      <h3 className="mb-1.5 text-2xs font-medium text-faint">{title}</h3>
      <dl className="space-y-1.5">
        {lines.map(([keys, deed]) => (
          <div key={deed} className="flex items-center gap-3">
            <dt className="flex w-14 shrink-0 gap-1">
              {keys.map((key) => (key === "–" ? key : <Kbd key={key}>{key}</Kbd>))}
            </dt>
            <dd className="text-muted">{deed}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
