// `npm run bundle -w @stillwatt/host`: builds the workflow bundle ahead of the first start.
import { DefaultLogger } from '@temporalio/worker';
import { prepareBundle } from './bundle.ts';

const { codePath, wasBuilt } = await prepareBundle(new DefaultLogger('WARN'));
console.log(`${wasBuilt ? 'built' : 'up to date'}: ${codePath}`);
