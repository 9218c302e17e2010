/** What is deployed, kept fresh. */

import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import { useKey } from "../state/key";
import { describeService, listServices } from "./client";
import { Problem } from "./problem";

const LOADING_POLL_MS = 2_000;
const CALM_POLL_MS = 30_000;

function worthRetrying(failures: number, error: Error): boolean {
  const answered = error instanceof Problem && error.status >= 400 && error.status < 500;
  return !answered && failures < 1;
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, retryDelay: 500, staleTime: CALM_POLL_MS } },
});

/** A new key asks anew (a catalogue may be closed to strangers); what is shown stays until the answer is there. */
export function useServices() {
  return useQuery({
    queryKey: ["services", useKey()],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => listServices(signal),
    refetchInterval: (query) =>
      query.state.data?.some((service) => !service.ready) ? LOADING_POLL_MS : CALM_POLL_MS,
  });
}

export function useService(name: string) {
  return useQuery({
    queryKey: ["service", name, useKey()],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => describeService(name, signal),
  });
}
