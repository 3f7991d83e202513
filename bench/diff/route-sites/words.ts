/** Names and ids as sites have them, from a seed. */
import type { Random } from '../../random.ts';

const ADJECTIVES =
  'amber brisk calm dark eager faint golden hidden icy jolly keen light mellow noble open proud quiet rapid solid tiny urban vivid warm young zesty blue red green black white striped woven soft rough plain classic modern vintage organic smart'.split(
    ' ',
  );
const NOUNS =
  'anchor bridge canyon desk engine forest garden harbor island jacket kettle lantern mirror needle ocean pillow quarry river saddle tower valley window yard zeppelin socks shoes coat scarf glove hat belt shirt rug towel bag boot lamp chair table phone camera keyboard monitor speaker bottle candle basket carpet curtain'.split(
    ' ',
  );
const TOPICS =
  'guide review history care repair outlet tips ideas trends basics secrets checklist comparison tutorial interview announcement update recipe story report'.split(
    ' ',
  );
const FIRST_NAMES =
  'anna bo chen dana emil farah gus hilde ivo june karl lena mia nils olga paul quinn rosa sven tara uwe vera will xena yuri zoe amir bea carl dora'.split(
    ' ',
  );
const LAST_NAMES =
  'adams berg castillo dubois ericson fischer garcia hansen ivanov jansen kumar larsen meyer novak okafor petrov quist rossi schmidt tanaka ueda vogel weber xu young zhang'.split(
    ' ',
  );
const SYLLABLES = 'ka lo mi ne ra su to ve xi zu ba di fe go hu ja qui pro sta tri vel mon'.split(' ');

export const HEX = '0123456789abcdef';
const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
export const LOWER_36 = LOWER + DIGITS;
export const UPPER_36 = UPPER + DIGITS;
export const BASE_62 = UPPER + LOWER + DIGITS;
export const BASE_64_URL = `${BASE_62}-_`;
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** What Kubernetes makes the ends of names from. */
export const KUBERNETES = 'bcdfghjklmnpqrstvwxz2456789';

/** With a first letter as of a name. */
export const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

const two = (n: number) => String(n).padStart(2, '0');
export const year = (r: Random): string => String(2018 + r.below(9));
export const month = (r: Random): string => two(1 + r.below(12));
export const day = (r: Random): string => two(1 + r.below(28));
export const date = (r: Random): string => `${year(r)}-${month(r)}-${day(r)}`;
export const number = (r: Random): string => String(1 + r.below(90_000));
export const letters = (r: Random, length: number): string => r.text(length, UPPER);
export const digits = (r: Random, length: number): string => r.text(length, DIGITS);
export const noun = (r: Random): string => r.pick(NOUNS);
export const adjective = (r: Random): string => r.pick(ADJECTIVES);
export const firstName = (r: Random): string => r.pick(FIRST_NAMES);
export const lastName = (r: Random): string => r.pick(LAST_NAMES);
export const topic = (r: Random): string => r.pick(TOPICS);
export const uuid = (r: Random): string =>
  `${r.text(8, HEX)}-${r.text(4, HEX)}-4${r.text(3, HEX)}-a${r.text(3, HEX)}-${r.text(12, HEX)}`;

/** A word that no list has: the names of companies and projects. */
export const madeUp = (r: Random): string => Array.from({ length: 2 + r.below(2) }, () => r.pick(SYLLABLES)).join('');

export function slug(r: Random): string {
  const words = [adjective(r), noun(r), topic(r), noun(r)];
  return words.slice(0, 2 + r.below(3)).join('-');
}

/** As people call themselves. */
export function userName(r: Random): string {
  const [first, last] = [firstName(r), lastName(r)];
  const forms = [
    first,
    `${first}${last}`,
    `${first}.${last}`,
    `${first}_${last}`,
    `${first[0]}${last}`,
    `${first}${r.below(100)}`,
    `${last}-${first}`,
    madeUp(r),
  ];
  return r.pick(forms);
}

export function repository(r: Random): string {
  const forms = [noun(r), `${adjective(r)}-${noun(r)}`, madeUp(r), `${noun(r)}.js`, `go-${noun(r)}`, `${noun(r)}-ui`];
  return r.pick(forms);
}

export function semver(r: Random): string {
  const plain = `${r.below(6)}.${r.below(20)}.${r.below(30)}`;
  return r.chance(0.15) ? `${plain}-${r.pick(['alpha', 'beta', 'rc'])}.${r.below(5)}` : plain;
}

export const size = (r: Random): string =>
  `${r.pick([80, 150, 300, 640, 800, 1024, 1920])}x${r.pick([80, 150, 200, 480, 600, 768])}`;
export const image = (r: Random): string => `${slug(r)}.${r.pick(['jpg', 'jpg', 'png', 'webp'])}`;
