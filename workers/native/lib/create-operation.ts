// Operations of the library as functions of this package: what is given is checked before the call.
import type { Methods, NativeKernels } from './binding.ts';
import { explain } from './failure.ts';

type Name = keyof Methods;
type Values = { readonly [N in Name]: Parameters<Methods[N]> };
type Calls = { readonly [N in Name]: (...values: Values[N]) => ReturnType<Methods[N]> };

/**
 * The operation of this name: the kernels come first, then the arguments as in lib/binding/. `check` throws
 * INPUT_INVALID for what does not fit, with the argument's name; the library refuses the rest.
 */
export function createOperation<N extends Name>(
  name: N,
  check: (...values: Values[N]) => void,
): (kernels: NativeKernels, ...values: Values[N]) => ReturnType<Methods[N]> {
  return (kernels, ...values) => {
    check(...values);
    const calls: Calls = kernels;
    return explain(() => calls[name](...values));
  };
}
