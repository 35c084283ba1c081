/** What trading has cost: the present tier, and the fees of filled orders by symbol, side and month. */
import { useQuery } from "@tanstack/react-query";

import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Segments } from "@/components/ui/tabs";
import { Age } from "@/components/ui/time";
import { dollars, percentText, quantity, rateText } from "@/features/portfolio/model";
import type { View } from "@/features/portfolio/search";
import { count } from "@/lib/format";
import { feesQuery, type FeeLine, type Fees } from "@/lib/resources/portfolio";

const LABELS: Readonly<Record<View, string>> = {
  symbols: "By symbol",
  sides: "By side",
  months: "By month",
  lines: "All three",
};

interface FeesCardProps {
  exchange: string;
  view: View;
  onView: (view: View) => void;
}

export function FeesCard({ exchange, view, onView }: FeesCardProps) {
  const fees = useQuery(feesQuery(exchange));
  const readAt = fees.data?.readAt ?? null;
  return (
    <Card aria-label="Fees" className="min-w-0">
      <CardHead
        title="Fees"
        note={
          fees.data === undefined || readAt === null ? undefined : (
            <>
              as of <Age at={readAt} />, from {count(fees.data.fills)} fills
            </>
          )
        }
      >
        <Segments
          label="Fees"
          value={view}
          options={(Object.keys(LABELS) as View[]).map((value) => ({ value, label: LABELS[value] }))}
          onChange={onView}
        />
      </CardHead>
      {fees.isPending && <LoadingRows rows={5} />}
      {fees.data !== undefined && readAt === null && (
        <EmptyFace title="Never read">Reading the account brings the fees of its filled orders.</EmptyFace>
      )}
      {fees.isError && fees.data === undefined && <ErrorFace error={fees.error} onRetry={() => void fees.refetch()} />}
      {fees.data !== undefined && readAt !== null && <Report fees={fees.data} view={view} />}
    </Card>
  );
}

function Report({ fees, view }: { fees: Fees; view: View }) {
  const { tier } = fees;
  const facts = [
    ["Tier", tier.name ?? "–"],
    ["Maker", rateText(tier.makerRate)],
    ["Taker", rateText(tier.takerRate)],
    ["Volume, 30 days", dollars(tier.volume30d)],
    ["Fees, 30 days", dollars(tier.fees30d)],
  ] as const;
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 border-b border-line px-4 py-3 sm:grid-cols-5">
        {facts.map(([name, said]) => (
          <div key={name}>
            <dt className="text-2xs text-faint">{name}</dt>
            <dd className="num text-sm font-semibold [overflow-wrap:anywhere]">{said}</dd>
          </div>
        ))}
      </dl>
      {fees.remarks.length > 0 && (
        <ul className="space-y-1 border-b border-line bg-warn/8 px-4 py-2 text-xs">
          {fees.remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {fees.fees[view].length === 0 ? (
        <EmptyFace title="No filled orders">There was nothing to pay for.</EmptyFace>
      ) : (
        <Lines lines={fees.fees[view]} totals={fees.fees.totals} />
      )}
      {fees.fees.isCut && (
        <p className="border-t border-line px-4 py-2 text-2xs text-faint">
          Longer than what is kept of it: the sums below the table count everything.
        </p>
      )}
    </>
  );
}

function Lines({ lines, totals }: { lines: readonly FeeLine[]; totals: readonly FeeLine[] }) {
  const first = lines[0];
  const columns = (["symbol", "side", "month"] as const).filter((name) => first !== undefined && first[name] !== null);
  return (
    <div className="max-h-96 overflow-auto" tabIndex={0} role="region" aria-label="Lines of fees">
      <table className="num w-full text-xs [&_td]:px-4 [&_td]:py-1.5 [&_td]:whitespace-nowrap">
        <thead className="sticky top-0 bg-surface text-left text-faint shadow-[0_1px_0_var(--line)]">
          <tr className="[&_th]:px-4 [&_th]:py-2 [&_th]:font-medium [&_th]:whitespace-nowrap">
            {columns.map((name) => (
              <th key={name} scope="col">
                {name.slice(0, 1).toUpperCase() + name.slice(1)}
              </th>
            ))}
            {["Orders", "Fills", "Volume", "Fees", "Rate", "An order"].map((name) => (
              <th key={name} scope="col" className="text-right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr
              key={`${line.symbol ?? ""} ${line.side ?? ""} ${line.month ?? ""} ${line.currency}`}
              className="border-b border-line/60"
            >
              {columns.map((name) => (
                <td key={name} className={name === "symbol" ? "font-medium" : "text-muted"}>
                  {line[name]}
                </td>
              ))}
              <Sums line={line} />
            </tr>
          ))}
        </tbody>
        <tfoot className="sticky bottom-0 bg-surface font-semibold shadow-[0_-1px_0_var(--line)]">
          {totals.map((line) => (
            <tr key={line.currency}>
              <td colSpan={columns.length}>All in {line.currency}</td>
              <Sums line={line} />
            </tr>
          ))}
        </tfoot>
      </table>
    </div>
  );
}

function Sums({ line }: { line: FeeLine }) {
  return (
    <>
      <td className="text-right">{count(line.orders)}</td>
      <td className="text-right">{count(line.fills)}</td>
      <td className="text-right">
        {dollars(line.volume)} <span className="text-faint">{line.currency}</span>
      </td>
      <td className="text-right">
        {dollars(line.fees)} <span className="text-faint">{line.currency}</span>
        {line.otherFees.map((other) => (
          <span key={other.currency} className="block text-2xs">
            and {quantity(other.amount)} {other.currency}
          </span>
        ))}
      </td>
      <td className="text-right">{percentText(line.ratePercent)}</td>
      <td className="text-right">{dollars(line.feePerOrder)}</td>
    </>
  );
}
