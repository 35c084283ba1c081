/** What is held, the most valuable first, with what its market does on each timeframe. */
import { Link } from "@tanstack/react-router";

import { Badge } from "@/components/ui/badge";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { Tooltip } from "@/components/ui/tooltip";
import {
  dollars,
  outlookLook,
  percentText,
  quantity,
  shortQuantity,
  signed,
  toneOfGain,
  zoneOf,
} from "@/features/portfolio/model";
import { classes } from "@/lib/classes";
import { stageLook, tintOf } from "@/lib/colours";
import { price, reading } from "@/lib/format";
import type { Holding } from "@/lib/resources/portfolio";
import { TIMEFRAMES } from "@/lib/time";

const GAINS = { good: "text-good", bad: "text-bad" } as const;

export function Holdings({ exchange, holdings }: { exchange: string; holdings: readonly Holding[] }) {
  return (
    <div className="live overflow-x-auto" tabIndex={0} role="region" aria-label="Holdings, sideways">
      <table className="num w-full min-w-[64rem] text-xs">
        <thead className="text-left text-faint">
          <tr className="border-b border-line [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium [&_th]:whitespace-nowrap">
            <th scope="col" className="sticky left-0 bg-surface">
              Currency
            </th>
            {["Quantity", "Price", "Value", "Cost", "Gain"].map((name) => (
              <th key={name} scope="col" className="text-right">
                {name}
              </th>
            ))}
            {TIMEFRAMES.map((timeframe) => (
              <th key={timeframe} scope="col" className="!px-0.5 text-center">
                {timeframe}
              </th>
            ))}
            <th scope="col">Outlook</th>
          </tr>
        </thead>
        <tbody>
          {holdings.map((holding) => (
            <Row key={holding.currency} exchange={exchange} holding={holding} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ exchange, holding }: { exchange: string; holding: Holding }) {
  const tone = toneOfGain(holding.gain);
  const look = outlookLook(holding.outlook);
  const isPartlyHeld = holding.available !== holding.quantity && Number(holding.available) < Number(holding.quantity);
  return (
    <tr className="border-b border-line/70 last:border-b-0 hover:bg-hover [&_td]:px-3 [&_td]:py-2 [&_td]:whitespace-nowrap">
      <th scope="row" className="sticky left-0 bg-surface px-3 text-left text-sm font-semibold">
        {holding.symbol === null ? (
          holding.currency
        ) : (
          <Link
            to="/chart/$exchange/$symbol"
            params={{ exchange, symbol: holding.symbol }}
            search={{}}
            className="hover:text-accent"
          >
            {holding.currency}
          </Link>
        )}
      </th>
      <td className="text-right">
        <span title={quantity(holding.quantity)}>{shortQuantity(holding.quantity)}</span>
        {isPartlyHeld && (
          <span className="block text-2xs text-faint">{shortQuantity(holding.available)} available</span>
        )}
      </td>
      <td className="text-right text-muted">{holding.price === null ? "–" : price(Number(holding.price))}</td>
      <td className="text-right">
        <span className="text-sm font-medium">{dollars(holding.value)}</span>
        <Share text={holding.sharePercent} />
      </td>
      <td className="text-right">
        {dollars(holding.cost)}
        {holding.averageCost !== null && (
          <span className="block text-2xs text-faint">{price(Number(holding.averageCost))} each</span>
        )}
      </td>
      <td className={classes("text-right font-medium", tone !== null && GAINS[tone])}>
        {signed(holding.gain)}
        <span className="block text-2xs font-normal">
          {percentText(holding.gainPercent, true)}
          {Number(holding.realised) !== 0 && <span className="text-faint"> · {signed(holding.realised)} realised</span>}
        </span>
      </td>
      {TIMEFRAMES.map((timeframe) => (
        <td key={timeframe} className="!px-0.5">
          <Value value={holding.values[timeframe] ?? null} />
        </td>
      ))}
      <td>
        <Badge tone={look.tone}>
          <span aria-hidden="true">{look.mark}</span> {look.word}
        </Badge>
      </td>
    </tr>
  );
}

function Share({ text }: { text: string | null }) {
  return (
    <span className="mt-0.5 flex items-center justify-end gap-1.5 text-2xs text-faint">
      <span aria-hidden="true" className="h-1 w-14 overflow-hidden rounded-full bg-hover">
        <span
          className="block h-full rounded-full bg-accent"
          style={{ width: `${Math.min(100, Number(text ?? 0))}%` }}
        />
      </span>
      {percentText(text)}
    </span>
  );
}

function Value({ value }: { value: number | null }) {
  const zone = zoneOf(value);
  if (value === null) return <span className="block text-center text-faint">–</span>;
  return (
    <Tooltip text={`${stageLook(zone).label}, by its value alone`} className="block">
      <span
        className="flex h-7 min-w-16 items-center justify-center gap-1 rounded"
        style={{ backgroundColor: `color-mix(in srgb, ${stageLook(zone).colour} ${tintOf(value)}%, transparent)` }}
      >
        <StageGlyph stage={zone} size={8} /> {reading(value)}
      </span>
    </Tooltip>
  );
}
