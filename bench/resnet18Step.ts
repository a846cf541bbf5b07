// A training step of ResNet-18, batch 8 at 224², and the memory it takes at the most: the torch engine against
// PyTorch's eager mode, both on the same threads.
import {selectEngine} from '@foveal/core';
import {resNet18} from '@foveal/models';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, comparePeakMemory, timed} from './support.ts';
import {trainingStep} from './trainingStep.ts';

const engine = await selectEngine('torch');
const step = trainingStep(resNet18(), {batch: 8, size: 224, classes: 1000});
const threads = engine.threads ?? 1;
const versions = [engine.version, `${threads} threads`];
for (const layout of ['channels_last', 'NCHW']) {
  const peer = await TorchPeer.load('resnet18_step', {threads, channels_last: layout === 'channels_last'});
  const name = 'ResNet-18 training step, batch 8, 224²';
  await compare({
    name,
    peer: `${peer.version} eager, ${layout}`,
    ours: timed(step),
    theirs: peer.run,
    versions,
  });
  if (layout === 'channels_last')
    await comparePeakMemory({name, peer: `${peer.version} eager, ${layout}`, versions}, peer);
  peer.close();
}
