/** What each instance has done today, as it tells itself: the numbers behind the tiles. */
import { Link } from "@tanstack/react-router";

import type { Instance } from "@/api/shapes";
import { Card, CardHead } from "@/components/ui/card";
import { ListTime } from "@/components/ui/time";
import { isWhole, todayOf, type Today } from "@/features/dashboard/model";
import { classes } from "@/lib/classes";
import { count } from "@/lib/format";

const COLUMNS: readonly { readonly key: keyof Today; readonly title: string; readonly hint: string }[] = [
  { key: "candles", title: "Candles", hint: "that have closed, on all timeframes" },
  { key: "alerts", title: "Alerts", hint: "that were committed" },
  { key: "corrections", title: "Corrected", hint: "closed candles that the exchange's history corrected" },
  { key: "gaps", title: "Asked for", hint: "stretches that the feed did not explain, asked of the exchange's history" },
  { key: "repairs", title: "Doubted", hint: "candles that were doubted, asked of the exchange's history" },
];

export function TodayCard({ instances }: { instances: readonly Instance[] }) {
  const days = todayOf(instances);
  if (days.length === 0) return null;
  return (
    <Card aria-label="Today">
      <CardHead title="Today" note="since midnight UTC of the market or the start of the instance" />
      <div className="overflow-x-auto">
        <table className="live num w-full text-sm">
          <thead>
            <tr className="text-2xs text-muted">
              <th scope="col" className="px-3 py-2 sm:px-4 text-left font-medium">
                Exchange
              </th>
              {COLUMNS.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  title={column.hint}
                  className="px-3 py-2 sm:px-4 text-right font-medium"
                >
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.exchange} className="border-t border-line/70">
                <th scope="row" className="px-3 py-2 sm:px-4 text-left font-medium whitespace-nowrap">
                  <Link to="/network" search={{ exchange: day.exchange }} className="hover:underline">
                    {day.displayName}
                  </Link>
                  {!isWhole(day) && (
                    <span className="ml-2 text-2xs font-normal text-faint">
                      since <ListTime at={day.since} />
                    </span>
                  )}
                </th>
                {COLUMNS.map(({ key }) => (
                  <td key={key} className={classes("px-3 py-2 sm:px-4 text-right", day[key] === 0 && "text-faint")}>
                    {count(day[key] as number)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
