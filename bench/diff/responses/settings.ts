/** Settings: one document of 200 fields, each of which seldom differs, and none by more than chance. */
import type { Random } from '../../random.ts';
import type { Server, Site } from './simulated-answer.ts';

const FIELDS = 200;
/** Of answers, so that a field differs in 1 % of the pairs. */
const OTHER = 0.005;

export const SETTINGS: Site = {
  name: '200 fields that differ in 1 %',
  places: {},
  answer(_server: Server, data: Random, chance: Random) {
    const version = data.below(1000);
    const fields = Array.from({ length: FIELDS }, (_, i) => {
      const value = chance.chance(OTHER) ? version + 1 + chance.below(1000) : version;
      return [`f${i}`, value] as const;
    });
    const headers = { 'content-type': 'application/json' };
    return { route: 'GET /settings', status: 200, headers, body: Object.fromEntries(fields) };
  },
};
