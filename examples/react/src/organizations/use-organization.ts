/** The organizations of the person who is signed in, and the one that this tab acts in. */
import { useQuery } from '@apollo/client/react';
import { useViewer } from '@latchkey/client/react';
import { useSyncExternalStore } from 'react';
import type { OrganizationsQuery } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';

export const ORGANIZATIONS = graphql(`
  query Organizations {
    me {
      id
      memberships(first: 100) {
        nodes {
          id
          role
          organization {
            id
            name
            openRegistration
          }
        }
      }
    }
  }
`);

export type Membership = NonNullable<NonNullable<OrganizationsQuery['me']>['memberships']>['nodes'][number];

/** Kept for the tab, so that two tabs can act in two organizations, and for a reload. Only the id: it is not secret. */
const KEY = 'organization';
const listeners = new Set<() => void>();

export function chooseOrganization(id: string): void {
  sessionStorage.setItem(KEY, id);
  for (const listener of listeners) listener();
}

/** `current` is null until the organizations are known, and for someone who belongs to none. */
export function useOrganization(): { current: Membership | null; all: readonly Membership[]; error?: Error } {
  const chosen = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sessionStorage.getItem(KEY),
  );
  const { data, error } = useQuery(ORGANIZATIONS, { skip: useViewer() === null });
  const all = data?.me?.memberships?.nodes ?? [];
  // What was chosen may be of someone who used this tab before, or left behind by a membership that has ended.
  const current = all.find(({ organization }) => organization.id === chosen) ?? all[0] ?? null;
  return { current, all, ...(error && { error }) };
}
