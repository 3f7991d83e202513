/** Words that say what a segment is, whatever stands next to it. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They name something that is done, or a part of a site; hardly ever one thing among many. */
const NAMES = words(`
  me self new edit search find filter query all any count list index bulk batch export import upload download
  login logout signin signout signup sign_in sign_out sign_up register session token refresh auth oauth oauth2 sso callback verify
  reset password health healthz ready readyz live livez status version metrics info ping debug env config settings
  preferences profile dashboard notifications explore trending about contact help faq terms privacy imprint legal
  api apis rest graphql rpc internal public private admin v admin.php xmlrpc.php wp-login.php wp-cron.php
  static assets css js img images fonts media dist build styles scripts icons vendor cart checkout account
  wp-content wp-includes wp-json wp-admin cgi-bin _next
  favicon.ico robots.txt sitemap.xml manifest.json index.html index.php
  blob tree raw blame commits commit compare pull pulls issues wiki releases branches tags
  create update delete remove add validate preview summary stats statistics history
`);

/** Many resources have these below them: that two share them says nothing. */
const COMMON = words(`
  new edit search export import count list bulk batch stats status history all create update delete remove add index
  health healthz metrics info ready live version docs swagger api v1 v2 v3 css js img images assets static me
  index.html index.php namespaces
`);

/** One after these is one of many, though they are not in the plural. */
const SINGULAR_COLLECTIONS = words(`
  category tag author user member customer product item brand country city region state topic channel hotel
  shop store artist album genre lang language locale currency project package profile org group team space issue
  order ticket article post blog wiki recipe venue book author p u c t r tenant browse namespace
  repository repo company department location place airport symbol show series movie video watch live listing property
  collection c keyword label dataset model
`);

/** In the plural, and still what follows are names of parts. */
const PARTS = words(`
  assets images fonts styles scripts docs settings preferences reports stats statistics metrics apis tools options
  analytics notifications examples resources internals payments events news terms ads
`);

const VERSION = /^v\d+(?:\.\d+)?(?:(?:alpha|beta)\d*)?$/i;

/** Where nothing follows. */
const LAST_NAMES = words('home latest current stable today now next previous random');

export function isApi(segment: string): boolean {
  return /^(?:apis?|rest|rpc|jsonrpc|json|graphql|ajax|internal|public|v\d+(?:\.\d+)?|[a-z-]+-api)$/i.test(segment);
}

export function isVersion(segment: string): boolean {
  return VERSION.test(segment);
}

export function isName(segment: string, isLast: boolean): boolean {
  return (
    NAMES.has(segment.toLowerCase()) ||
    (isLast && LAST_NAMES.has(segment)) ||
    VERSION.test(segment) ||
    segment === '' ||
    segment.startsWith('.') ||
    segment === '-'
  );
}

export function isCommon(segment: string): boolean {
  return COMMON.has(segment) || isApi(segment);
}

/** What follows is one of many: `users`, `categories`, `tag`. */
export function isCollection(segment: string): boolean {
  const word = segment.toLowerCase();
  if (SINGULAR_COLLECTIONS.has(word)) return true;
  const last = word.slice(word.search(/[^-_.]*$/));
  return /^[a-z]{2,}[^su\W\d_]s$/.test(last) && !PARTS.has(last) && !/(?:is|us|ss|ics)$/.test(last);
}

const LANGUAGES = words(`
  en de fr es it pt nl pl sv da no nb nn fi cs sk hu ro bg el tr ru uk be sr hr sl lt lv et is ga ja zh ko th vi id ms hi bn ta
  fa ar he ca eu gl
`);

/** `de`, `pt-BR`, `zh_Hant`. */
export function isLocale(segment: string): boolean {
  return /^[a-z]{2}(?:[-_](?:[A-Za-z]{2}|[A-Z][a-z]{3}|419))?$/.test(segment) && LANGUAGES.has(segment.slice(0, 2));
}

const VERBS = words(`
  get list create update delete set add remove send find search start stop cancel approve reject export import sync fetch
  read write save load check validate verify run execute submit register enable disable open close archive invite join
  leave info history post put patch is has do make reset revoke issue assign move copy rename upload download subscribe
  method op operation action function fn call proc endpoint unsubscribe publish query count describe terminate batch retry resolve login logout
`);

/** A verb is the first or last word of a method's name: `getOrder`, `chat.postMessage`, `delete-user`, `users.list`. */
export function hasVerb(parts: readonly string[]): boolean {
  return VERBS.has((parts[0] as string).toLowerCase()) || VERBS.has((parts.at(-1) as string).toLowerCase());
}

const MEDIA_FOLDERS = words(`
  fonts font images image img media uploads upload photos photo pictures pics thumbs thumbnails avatars covers posters
  icons logos videos video audio sounds files downloads download attachments documents gallery banners flags sprites
  products
`);

export function isMediaFolder(segment: string): boolean {
  return MEDIA_FOLDERS.has(segment.toLowerCase());
}

const FILE_FOLDERS = words(`
  contents content blob blobs tree raw blame objects object keys files file storage archive download downloads browse path
  uploads attachments documents
`);

/** Behind these, folders and files go on to any depth. */
export function isFileFolder(segment: string): boolean {
  return FILE_FOLDERS.has(segment);
}

/** Pictures, fonts, recordings, documents. */
export function isMediaFile(segment: string): boolean {
  return /.\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|heic|woff2?|ttf|otf|eot|mp[34]|m4[av]|webm|mov|og[gv]|wav|flac|pdf|docx?|xlsx?|pptx?|zip|gz|tgz|csv)$/i.test(
    segment,
  );
}
