// What a benchmark is made of: contenders that answer for a shape, samples of their time, rows that compare.
import type { BackendName } from '@stillwatt/contracts';
import type { Backend, Model } from '@stillwatt/engine';
import type { NativeKernels } from '@stillwatt/native';
import type { Tolerance } from '../../workers/engine/backends/reference/compare.ts';

export const suiteNames = ['kernels', 'model', 'train'] as const;
export type SuiteName = (typeof suiteNames)[number];

/** Processes that rivals run in. */
export type PeerName = 'python' | 'prototype';

export type AttentionKind = 'dot' | 'inhibitor';

/** B sequences of N tokens each, and the threads that compute them. */
export interface Shape {
  readonly batch: number;
  readonly tokens: number;
  readonly threads: number;
}

/** What one call costs, averaged over those of a sample. */
export interface Sample {
  /** Seconds, or bytes where the contender measures memory. */
  readonly cost: number;
  /** Of all threads; null where the cost is no time. */
  readonly cpuSeconds: number | null;
}

export type Unit = 'seconds' | 'bytes';

/** A process of rivals: one request at a time. */
export interface Peer {
  /** Calls what its server knows under this name; throws what it threw. */
  ask<T>(op: string, args?: object): Promise<T>;
  close(): Promise<void>;
}

/** What the contenders of one process share. */
export interface Workbench {
  readonly threads: number;
  /** What trains. */
  readonly trainer: BackendName;
  /** Opened when somebody asks first: the one that trains, or the one that references are computed on. */
  backend(name: BackendName): Promise<Backend>;
  /** Native kernels of the fastest variant, or of the one that STILLWATT_KERNELS names. */
  kernels(): NativeKernels;
  /** For what a rival reads from a file; gone at the end. */
  readonly folder: string;
  /** A process of rivals, started when somebody asks first; needs missing(name) to be null. */
  peer(name: PeerName): Peer;
  /** The DistilBERT-shaped model, equal but for its attention. */
  model(attention: AttentionKind, precision?: 'f32' | 'int8'): Model;
  /** Path of its f32 weights as safetensors. */
  weightsFile(attention: AttentionKind): string;
  close(): Promise<void>;
}

/** A contender with its inputs in place. */
export interface Subject {
  /** What it computes: compared with the reference before anything is timed. */
  output(): Promise<ArrayLike<number>>;
  time(calls: number): Promise<Sample>;
}

/** A contender with its model loaded. */
export interface Opened {
  subject(shape: Shape): Promise<Subject>;
  /** Recorded with the run: library, version, kernel variant. */
  readonly version: string;
  close(): Promise<void>;
}

export interface Contender {
  /** `stillwatt int8 inhibitor encoder`; unique. */
  readonly name: string;
  readonly suite: SuiteName;
  /** Contenders of one group are timed in turns, so that their times may be divided. */
  readonly group: string;
  readonly needs?: PeerName;
  /** False where a shape is not worth its time. */
  fits?(shape: Shape): boolean;
  open(bench: Workbench): Promise<Opened>;
  /** What the output must be near to; left out where another contender's check covers it. */
  readonly check?: Check;
  readonly unit: Unit;
  /** Operations of one call: additions and multiplications each count one. Null where that says nothing. */
  operations(shape: Shape): number | null;
  readonly precision: 'f32' | 'int8';
}

export interface Check {
  expected(bench: Workbench, shape: Shape): Promise<ArrayLike<number>>;
  readonly tolerance: Closeness;
}

/** Elementwise for f32; for int8 the length of the difference relative to the reference's. */
export type Closeness = Tolerance | { readonly relative: number };

/** All samples of one contender at one shape, and what it answered the check. */
export interface Timing {
  readonly contender: string;
  readonly shape: Shape;
  readonly version: string;
  readonly unit: Unit;
  readonly samples: readonly Sample[];
  /** Of one call; null where it is no arithmetic. */
  readonly operations: number | null;
  readonly precision: 'f32' | 'int8';
}

/** What a process that measured tells the one that asked. */
export type Message =
  | { readonly kind: 'timings'; readonly timings: readonly Timing[] }
  | { readonly kind: 'skipped'; readonly contender: string; readonly reason: string }
  | {
      readonly kind: 'differs';
      readonly contender: string;
      readonly shape: Shape;
      readonly reason: string;
    };
