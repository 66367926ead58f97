// Finds tensors in what a scope gives back.

/** Tensors in arrays and plain objects, however deep; typed arrays and instances are not looked into. */
export function tensorsIn<T>(held: unknown, isTensor: (value: unknown) => value is T): Set<T> {
  const found = new Set<T>();
  const visit = (value: unknown): void => {
    if (isTensor(value)) found.add(value);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isPlain(value)) Object.values(value).forEach(visit);
  };
  visit(held);
  return found;
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
