/** Differences without those that follow from others of the same pair: a changed field changes the ETag, too. */
import type { BodyComparison, Comparison, Difference } from '../../answers/differences.ts';
import { isOfBody, isOfHead } from '../answer-places.ts';

/** Computed from the body, or standing for it. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'length',
  'header content-digest',
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

/** Whether two answers whose bodies were compared so could have shown that they differ there, too. */
export function couldDiffer(body: BodyComparison, difference: Pick<Difference, 'place' | 'kind'>): boolean {
  const { place, kind } = difference;
  if (kind === 'status' || body === 'other-key') return body !== 'other-key';
  if (isOfHead(difference)) return body !== 'other-status';
  // Whether there is one, and how long it is, heads say of a body that is not here.
  if (kind === 'body-state') return body !== 'other-status';
  return body === 'compared' || (place === 'length' && (body === 'not-whole' || body === 'unasked'));
}
