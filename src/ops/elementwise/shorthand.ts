// Options that may be given by themselves: `sum(x, 0)` for `sum(x, { axis: 0 })`, `softmax(x, 0)` for `softmax(x, { axis: 0 })`.

/** The value of an option, or an object in which it may stand. */
export type Shorthand<Name extends string, T> = T | { readonly [name in Name]?: T | undefined }

/** One axis, by itself or as `{ axis }`. */
export type AxisOption = Shorthand<'axis', number>

/** One axis or several, by themselves or as `{ axis }`. */
export type AxesOption = Shorthand<'axis', number | readonly number[]>

/** The option's value, however it was given. */
export function settingOf<Name extends string, T>(given: Shorthand<Name, T> | undefined, name: Name, byDefault: T): T {
  const value = isNamed(given) ? Reflect.get(given, name) : given
  return (value ?? byDefault) as T // of its kind, which the op's signature has checked
}

/** The options, where an axis may stand for them. */
export function optionsOf<O extends { readonly axis?: unknown }>(given: O | O['axis'] | undefined): O {
  return (isNamed(given) ? given : { axis: given }) as O // all options may be left out
}

function isNamed(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}
