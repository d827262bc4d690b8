/**
 * Joins what belongs together: `groups` are lists of members that are known to be one, be it an existing cluster or the
 * identities of one item. Answers the partition, each part in the order in which its members first occurred.
 *
 * Every link counts here. Limits, unique namespaces and blocked links decide which groups are handed in.
 */
export function joinClusters(groups: readonly (readonly string[])[]): string[][] {
  const parent = new Map<string, string>();
  const rootOf = (member: string): string => {
    let root = member;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    for (let at = member; at !== root;) {
      const up = parent.get(at) ?? root;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    for (const member of group) {
      if (!parent.has(member)) parent.set(member, member);
      const one = rootOf(first);
      const other = rootOf(member);
      if (one !== other) parent.set(other, one);
    }
  }
  const parts = new Map<string, string[]>();
  for (const member of parent.keys()) {
    const root = rootOf(member);
    const part = parts.get(root);
    if (part === undefined) parts.set(root, [member]);
    else part.push(member);
  }
  return [...parts.values()];
}
