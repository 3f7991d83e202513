/** Differences without those that follow from others of the same pair: a changed field changes the ETag, too. */
import type { Comparison, Difference } from '../../answers/differences.ts';

/** Computed from the body, or standing for it. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'length',
  'header content-digest',
  'header content-length',
  'header content-md5',
  'header digest',
  'header etag',
  'header repr-digest',
]);

/**
 * Answers of another status have other headers and another body: that says nothing besides. The rule looks at one
 * comparison alone, so that it is the same for the mirror and for the noise.
 */
export function ownDifferences({ differences }: Pick<Comparison, 'differences'>): readonly Difference[] {
  const status = differences.find(({ kind }) => kind === 'status');
  if (status !== undefined) return [status];
  return differences.some(isOfBody) ? differences.filter(({ place }) => !OF_THE_BODY.has(place)) : differences;
}

/** Whether it is one of what the body holds. */
export function isOfBody({ place }: Pick<Difference, 'place'>): boolean {
  return place.startsWith('$') || place === 'body';
}

/** Whether it is of status and headers; everything else is of the body. */
export function isOfHead({ place }: { readonly place: string }): boolean {
  return place === 'status' || place === 'content-type' || place.startsWith('header ');
}
