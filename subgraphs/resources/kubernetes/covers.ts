/**
 * Whether an observed object already says all that is intended. The API adds defaults and fields of its own; those do
 * not count. Lists must have the same length, because an element too many is a difference.
 */
export function covers(observed: unknown, intended: unknown): boolean {
  if (intended === undefined) return true;
  if (intended === null || typeof intended !== 'object') return observed === intended;
  if (Array.isArray(intended))
    return (
      (Array.isArray(observed) &&
        observed.length === intended.length &&
        intended.every((element, index) => covers(observed[index], element))) ||
      (intended.length === 0 && observed === undefined)
    );
  const fields = Object.entries(intended);
  if (observed === undefined) return fields.length === 0;
  if (observed === null || typeof observed !== 'object') return false;
  return fields.every(([key, value]) => covers((observed as Record<string, unknown>)[key], value));
}
