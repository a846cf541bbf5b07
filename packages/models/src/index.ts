// Weights: files

// Weights: models
export {type LoadedWeights, type LoadWeightsOptions, loadWeights} from './weights/loadWeights.js';
export {type ReadPthOptions, readPth} from './weights/readPth.js';
export {readSafetensors} from './weights/readSafetensors.js';
export {readWeights} from './weights/readWeights.js';
export {modelTensors, saveWeights} from './weights/saveWeights.js';
export type {WeightsData, WeightsFile, WeightsTensor} from './weights/weightsFile.js';
export {WeightsFileError} from './weights/weightsFileError.js';
export {writeFileAtomically} from './weights/writeFileAtomically.js';
export {writeSafetensors} from './weights/writeSafetensors.js';
