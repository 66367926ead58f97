// The embedded stack for one machine: for the demo, the CLI's doctor, and tests that need the real parts.
export { layoutOf, type Layout } from './layout.ts';
export { loadSecrets, saveApiKey, type Secrets } from './secrets.ts';
export { startStack, type Stack, type StackOptions, type StackUrls } from './stack.ts';
export {
  readState,
  type PartName,
  type PartState,
  type PartView,
  type StackState,
} from './state.ts';
