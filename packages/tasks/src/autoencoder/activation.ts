import {Identity, init, type Layer, Relu, Sigmoid, Tanh} from '@foveal/core';

/** Activations that layers of an autoencoder may have. */
export const activations = {sigmoid: Sigmoid, tanh: Tanh, relu: Relu, linear: Identity} as const;
export type ActivationName = keyof typeof activations;

export const activationLayer = (name: ActivationName): Layer => new activations[name]();

/** The start that keeps the spread of values through layers with the activation. */
export const startFor = (name: ActivationName): init.Initializer =>
  name === 'relu' ? init.kaimingUniform() : init.xavierUniform();
