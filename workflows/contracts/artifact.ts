// Artifacts: bytes under a digest, and the manifest that groups the files of a model or data set.
import { z } from 'zod';

/** SHA-256 of the bytes, written as OCI writes it. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits');
export type Digest = z.output<typeof digestSchema>;

export const artifactKinds = [
  'dataset',
  'model',
  'evaluation',
  'profile',
  'checkpoint',
  'log',
  'result',
] as const;
export const artifactKindSchema = z.enum(artifactKinds);
export type ArtifactKind = z.output<typeof artifactKindSchema>;

/** A reference that travels through workflows instead of the bytes. */
export const artifactRefSchema = z.strictObject({
  digest: digestSchema.describe('of the manifest'),
  kind: artifactKindSchema,
  sizeBytes: z.int().min(0).describe('sum over the files of the manifest'),
});
export type ArtifactRef = z.output<typeof artifactRefSchema>;

/** The manifest of an artifact: its files by name, each under its own digest; the manifest's digest names the artifact. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  kind: artifactKindSchema,
  files: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(200)
          .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/),
        digest: digestSchema,
        sizeBytes: z.int().min(0),
      }),
    )
    .max(1000),
  /** What it was made from: digests of the inputs by role, and the stage key. */
  lineage: z.strictObject({
    stageKey: z.string().max(200),
    inputs: z.record(z.string().max(100), digestSchema),
  }),
});
export type Manifest = z.output<typeof manifestSchema>;
