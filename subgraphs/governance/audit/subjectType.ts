/** Things that resources discovers are named by their place, for example `eu-1/h100-1/0`: the deeper, the smaller. */
const DISCOVERED = ['Cluster', 'Node', 'Gpu'] as const;

/** Ids whose prefix is not the name of the thing. */
const IRREGULAR: Readonly<Record<string, string>> = {
  approval: 'ApprovalRequest',
  model: 'RegisteredModel',
  pricebook: 'PriceBook',
};

/** The kind of thing that a stream is the life of, told by its id: `role-binding_01K…` is a RoleBinding. */
export function subjectType(streamId: string): string {
  const end = streamId.indexOf('_');
  if (end < 0) return DISCOVERED[streamId.split('/').length - 1] ?? 'Gpu';
  const prefix = streamId.slice(0, end);
  return IRREGULAR[prefix] ?? pascalCase(prefix);
}

const pascalCase = (text: string) =>
  text.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
