/**
 * Abbreviations of time zones as `date +%Z` writes them, in minutes east of Greenwich. Only those that the tz database
 * uses for one offset today. Undefined for the others, such as CST (Chicago, Shanghai, Havana): the reader's --tz
 * decides then.
 */
const OFFSETS: Readonly<Record<string, number | undefined>> = {
  ...{ UTC: 0, GMT: 0, UCT: 0, Z: 0, WET: 0, WEST: 60, BST: 60, CET: 60, CEST: 120, EET: 120, EEST: 180, MSK: 180 },
  ...{ WAT: 60, CAT: 120, SAST: 120, EAT: 180, IDT: 180, PKT: 300, WIB: 420, WITA: 480, HKT: 480, AWST: 480 },
  ...{ WIT: 540, JST: 540, KST: 540, ACST: 570, AEST: 600, ChST: 600, ACDT: 630, AEDT: 660, NZST: 720, NZDT: 780 },
  ...{ HST: -600, HDT: -540, AKST: -540, AKDT: -480, PDT: -420, MST: -420, MDT: -360, EST: -300, EDT: -240 },
  ...{ AST: -240, NST: -210, ADT: -180, NDT: -150 },
  ...{ CST: undefined, CDT: undefined, IST: undefined, PST: undefined, SST: undefined },
};

/** Every abbreviation of the table, for a regular expression. */
export const ZONE_NAMES = Object.keys(OFFSETS).join('|');

/** Minutes east of Greenwich of `Z`, `+01`, `+0100`, `-03:30` or an abbreviation; undefined when that is not known. */
export function zoneOffset(zone: string): number | undefined {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return Object.hasOwn(OFFSETS, zone) ? OFFSETS[zone] : undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** True for a zone in digits that no clock has: `+24:00`. */
export function isImpossibleZone(zone: string): boolean {
  const match = /^[+-](\d\d):?(\d\d)?$/.exec(zone);
  return match !== null && (Number(match[1]) > 23 || Number(match[2] ?? 0) > 59);
}
