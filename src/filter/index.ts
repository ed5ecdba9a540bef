export { parseTagExpression, TagFilter } from './tag-filter.ts';
