/** The exchanges that are known and cannot be watched yet. */
import type { Exchange } from "@/api/shapes";
import { Card, CardHead } from "@/components/ui/card";
import { feeOf, geographyOf, limitsOf } from "@/features/exchanges/model";

export function OtherExchanges({ exchanges }: { exchanges: readonly Exchange[] }) {
  return (
    <Card aria-label="Not watched yet" className="overflow-x-auto">
      <CardHead title="Known, but not to be watched yet" note="Livermore has no adapter for them" />
      <table className="w-full text-left text-xs">
        <thead>
          <tr className="text-2xs text-muted">
            <th className="px-4 py-2 font-medium">Exchange</th>
            <th className="px-4 py-2 text-right font-medium">Maker</th>
            <th className="px-4 py-2 text-right font-medium">Taker</th>
            <th className="hidden px-4 py-2 font-medium sm:table-cell">Limits</th>
            <th className="hidden px-4 py-2 font-medium sm:table-cell">From where</th>
          </tr>
        </thead>
        <tbody>
          {exchanges.map((exchange) => (
            <tr key={exchange.name} className="border-t border-line/70">
              <th scope="row" className="px-4 py-2 font-medium">
                {exchange.displayName}
              </th>
              <td className="num px-4 py-2 text-right">{feeOf(exchange.makerFee)}</td>
              <td className="num px-4 py-2 text-right">{feeOf(exchange.takerFee)}</td>
              <td className="num hidden px-4 py-2 text-muted sm:table-cell">
                {limitsOf(exchange)
                  .map((limit) => `${limit.value} ${limit.name}`)
                  .join(" · ")}
              </td>
              <td className="hidden px-4 py-2 text-muted sm:table-cell">{geographyOf(exchange).text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
