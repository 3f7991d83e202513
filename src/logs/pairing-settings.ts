/** How HAProxy has to log so that a request finds its mirrored one: what every configuration that is printed has. */

/** The documented format (HAProxy configuration manual, unique-id-format): the stream's number and process are in it. */
export const UNIQUE_ID_FORMAT = '%{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid';

/** `option httplog`, then the id and the stream's number. */
export const LOG_FORMAT =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %ID %rt';
