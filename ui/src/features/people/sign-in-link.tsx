/** Make a link that signs somebody in once; it is shown here and nowhere else. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { FullTime } from "@/components/ui/time";
import { Problem } from "@/lib/problem";
import { makeLink } from "@/lib/resources/people";

/** React's own autoFocus is too early for a dialog, which would choose its closing button. */
function startsHere(field: HTMLElement | null): void {
  field?.setAttribute("autofocus", "");
}

export function SignInLink({ email: first, onClose }: { email: string; onClose: () => void }) {
  const [email, setEmail] = useState(first);
  const make = useMutation({ mutationFn: () => makeLink(email.trim()) });
  const isFit = /^[^@\s]+@[^@\s]+$/.test(email.trim());
  const address = make.data === undefined ? "" : new URL(make.data.path, location.origin).href;
  return (
    <Dialog title="Let somebody in" isOpen onClose={onClose}>
      {make.data === undefined ? (
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            if (isFit) make.mutate();
          }}
        >
          <label className="block text-sm">
            <span className="mb-1.5 block">E-mail address</span>
            <Input
              ref={startsHere}
              type="email"
              value={email}
              autoComplete="off"
              onChange={(event) => setEmail(event.target.value)}
            />
          </label>
          <p className="text-xs text-muted">
            Whoever opens the link is signed in as this person, once. Somebody new becomes a user.
          </p>
          {make.error !== null && (
            <p role="alert" className="rounded-md bg-bad/8 px-3 py-2 text-xs break-words text-bad">
              {Problem.of(make.error).detail || Problem.of(make.error).title}
            </p>
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" weight="primary" disabled={!isFit || make.isPending}>
              Make a link
            </Button>
          </div>
        </form>
      ) : (
        <div className="space-y-3 text-sm">
          <p>
            The link for <strong className="font-semibold break-words">{email}</strong> works once, until{" "}
            <FullTime at={make.data.expiresAt} />. It is not shown again.
          </p>
          <Secret text={address} />
          <div className="flex justify-end">
            <Button onClick={onClose}>Done</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

export function Secret({ text }: { text: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line-strong bg-sunken px-3 py-2">
      <code className="min-w-0 flex-1 font-mono text-xs break-all select-all">{text}</code>
      <CopyButton text={text} className="h-7 shrink-0 px-2 text-xs" />
    </div>
  );
}
