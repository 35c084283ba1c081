/** Everything that can be gone to, by a few letters. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { CandlestickChart, Clock, Keyboard, LogOut, SunMoon } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";

import { leave } from "@/app/leave";
import { usePages } from "@/app/pages";
import { Kbd } from "@/components/ui/kbd";
import { theme, zone } from "@/lib/preferences";
import { matrixQuery } from "@/lib/resources/market";
import { networkQuery } from "@/lib/resources/network";

const ITEM =
  "flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:text-faint";
const GROUP =
  "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint";

interface PaletteProps {
  onClose: () => void;
  onHelp: () => void;
}

export function Palette({ onClose, onHelp }: PaletteProps) {
  const navigate = useNavigate();
  const pages = usePages();
  const network = useQuery(networkQuery);
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // A dialog gives the focus to the first that can have it, which is the list around the field.
    field.current?.focus();
  }, []);
  const and = (deed: () => void) => () => {
    onClose();
    deed();
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Command palette"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="mx-auto mt-[12vh] w-full max-w-xl overflow-hidden rounded-xl border border-line-strong bg-raised text-text shadow-raised"
    >
      <Command label="Command palette" loop>
        <Command.Input
          ref={field}
          placeholder="Page, symbol or deed…"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-sm outline-none placeholder:text-faint"
        />
        <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-8 text-center text-sm text-muted">Nothing is called that.</Command.Empty>
          <Command.Group heading="Pages" className={GROUP}>
            {pages.map((page) => (
              <Item
                key={page.to}
                onSelect={and(() => void navigate({ to: page.to }))}
                keys={["G", page.key.toUpperCase()]}
              >
                <page.icon aria-hidden="true" /> {page.title}
              </Item>
            ))}
          </Command.Group>
          {network.data?.items.map((item) => (
            <SymbolItems
              key={item.exchangeId}
              exchange={item.exchangeName}
              title={item.displayName}
              onPick={(symbol) =>
                and(
                  () =>
                    void navigate({ to: "/chart/$exchange/$symbol", params: { exchange: item.exchangeName, symbol } }),
                )()
              }
            />
          ))}
          <Command.Group heading="Deeds" className={GROUP}>
            <Item onSelect={and(() => theme.set(theme.get() === "dark" ? "light" : "dark"))}>
              <SunMoon aria-hidden="true" /> Switch between dark and light
            </Item>
            <Item onSelect={and(() => zone.set(zone.get() === "utc" ? "local" : "utc"))}>
              <Clock aria-hidden="true" /> Switch between local time and UTC
            </Item>
            <Item onSelect={onHelp} keys={["?"]}>
              <Keyboard aria-hidden="true" /> Keys
            </Item>
            <Item onSelect={and(leave)}>
              <LogOut aria-hidden="true" /> Sign out
            </Item>
          </Command.Group>
        </Command.List>
      </Command>
    </dialog>
  );
}

function SymbolItems({
  exchange,
  title,
  onPick,
}: {
  exchange: string;
  title: string;
  onPick: (symbol: string) => void;
}) {
  const matrix = useQuery(matrixQuery(exchange));
  if (matrix.data === undefined || matrix.data.items.length === 0) return null;
  return (
    <Command.Group heading={`Charts on ${title}`} className={GROUP}>
      {matrix.data.items.slice(0, 300).map((row) => (
        <Item key={row.symbol} value={`${row.symbol} ${exchange}`} onSelect={() => onPick(row.symbol)}>
          <CandlestickChart aria-hidden="true" /> {row.symbol}
        </Item>
      ))}
    </Command.Group>
  );
}

interface ItemProps {
  children: ReactNode;
  onSelect: () => void;
  value?: string;
  keys?: readonly string[];
}

function Item({ children, onSelect, value, keys = [] }: ItemProps) {
  return (
    <Command.Item {...(value !== undefined && { value })} onSelect={onSelect} className={ITEM}>
      {children}
      <span className="ml-auto flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Command.Item>
  );
}
