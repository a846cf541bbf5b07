// Engines
export type {EngineName, SkippedEngine} from './engine/engines.js';
export {nearestName} from './engine/nearestName.js';
export {type EngineInfo, selectEngine} from './engine/selectEngine.js';
