import {Random} from '@foveal/core';

/** Leaves large parameters unfilled: for models of which only the shapes matter. */
class Blank extends Random {
  override fillUniform(): void {}
  override fillNormal(): void {}
  override split(): Random {
    return this;
  }
}

export const blank = () => new Blank(0);
