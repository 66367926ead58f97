// Native kernels: attention, linear, training and encoder arithmetic in Rust, one library for Node.js.
export type { NativeKernels, VariantState } from './lib/binding.ts';
export { createKernels, type KernelOptions, listVariants } from './lib/create-kernels.ts';
