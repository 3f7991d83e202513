/** Names of months as `strftime("%b")` writes them in the locales in which journalctl and syslog daemons run. */

// One line a locale, January to December; what CLDR and glibc, old and new, write differently is on a line of its own.
// Croatian is left out: its lip, srp and lis are other months in Polish and Czech.
const LOCALES = [
  'jan feb mar apr may jun jul aug sep oct nov dec', // en
  'jan feb mär apr mai jun jul aug sep okt nov dez', // de
  'jän feb mrz apr mai juni juli aug sept okt nov dez', // de_AT, older de
  'janv févr mars avril mai juin juil août sept oct nov déc', // fr
  'jan fév mar avr mai jun jui aoû sep oct nov déc', // older fr
  'ene feb mar abr may jun jul ago sep oct nov dic', // es
  'ene feb mar abr may jun jul ago sept oct nov dic', // newer es
  'jan fev mar abr mai jun jul ago set out nov dez', // pt
  'gen feb mar apr mag giu lug ago set ott nov dic', // it
  'sty lut mar kwi maj cze lip sie wrz paź lis gru', // pl
  'янв фев мар апр мая июн июл авг сен окт ноя дек', // ru
  'янв февр мар апр май июня июля авг сент окт нояб дек', // newer ru
  'січ лют бер кві тра чер лип сер вер жов лис гру', // uk
  'jan feb mrt apr mei jun jul aug sep okt nov dec', // nl
  'jan feb mar apr maj jun jul aug sep okt nov dec', // sv, da
  'jan feb mars april mai juni juli aug sep okt nov des', // nb
  'led úno bře dub kvě čen čec srp zář říj lis pro', // cs
  'jan feb márc ápr máj jún júl aug szept okt nov dec', // hu
  'ian feb mar apr mai iun iul aug sep oct nov dec', // ro
  'gen febr març abr maig juny jul ag set oct nov des', // ca
  'tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu', // fi
  'oca şub mar nis may haz tem ağu eyl eki kas ara', // tr
  'ιαν φεβ μαρ απρ μαϊ ιουν ιουλ αυγ σεπ οκτ νοε δεκ', // el
  'january february march april may june july august september october november december',
  'januar februar märz april mai juni juli august september oktober november dezember',
];

const NUMBERS = new Map<string, number>();
for (const locale of LOCALES) {
  locale.split(' ').forEach((name, index) => {
    NUMBERS.set(name, index + 1);
  });
}

/** 1–12; undefined for a word that is no month. `name` is without the dot that some locales put behind it. */
export function monthNumber(name: string): number | undefined {
  return NUMBERS.get(name) ?? NUMBERS.get(name.toLowerCase().normalize('NFC'));
}
