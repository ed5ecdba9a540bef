/**
 * Java's `String.hashCode`: `h = 31·h + unit` over UTF-16 units, wrapping to int32.
 * @source java.lang.String; used for tags codes and index keys.
 */
export function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}
