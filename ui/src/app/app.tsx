/** The whole: who is signed in decides between the door and the house. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";

import { router } from "@/app/router";
import { SignIn } from "@/app/sign-in";
import { Skeleton } from "@/components/ui/faces";
import { newQueryClient } from "@/lib/query";
import { useSession } from "@/lib/session";

export function App() {
  const [client] = useState(newQueryClient);
  const state = useSession();
  if (state.phase === "unknown") {
    return (
      <div role="status" aria-label="Loading" className="grid min-h-dvh place-items-center">
        <Skeleton className="h-1 w-40" />
      </div>
    );
  }
  if (state.phase !== "signed-in") return <SignIn state={state} />;
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
