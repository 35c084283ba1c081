/** What stands in place of a page that is not there or has failed. */
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";

import { EmptyFace, ErrorFace } from "@/components/ui/faces";

export function NotFound() {
  return (
    <EmptyFace
      title="There is no such page"
      action={
        <Link to="/" className="text-sm text-accent underline">
          To the dashboard
        </Link>
      }
    >
      The address may come from another version.
    </EmptyFace>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorFace
      error={error}
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
