// Every workflow, exported under the name it is started by.
export { launchScheduled } from './launch-scheduled.ts';
export { runExperiment } from './run-experiment.ts';
export { runStage } from './run-stage.ts';
export { runSweep } from './run-sweep.ts';
