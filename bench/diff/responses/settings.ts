/** Settings: one document of 100 fields, each of which seldom differs, and none by more than chance. */
import type { Random } from '../../random.ts';
import type { Server, Site } from './simulated-answer.ts';

const FIELDS = 100;
/** Of answers, so that a field differs in 0.7 % of the pairs. */
const OTHER = 1 / 300;

export const SETTINGS: Site = {
  name: '100 fields that differ in 0.7 %',
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
