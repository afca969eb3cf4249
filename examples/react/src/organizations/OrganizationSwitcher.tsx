import { chooseOrganization, useOrganization } from './use-organization.ts';

/** For people who belong to several. */
export function OrganizationSwitcher() {
  const { current, all } = useOrganization();
  if (current === null || all.length < 2) return null;
  return (
    <select
      aria-label="Organization"
      value={current.organization.id}
      onChange={(event) => chooseOrganization(event.target.value)}
    >
      {all.map(({ organization }) => (
        <option key={organization.id} value={organization.id}>
          {organization.name}
        </option>
      ))}
    </select>
  );
}
