#ifndef BF_CORE_API_H
#define BF_CORE_API_H

/* Marks what the shared library exports; everything else stays hidden. */
#define BF_API __attribute__((visibility("default")))

/* Version of the program, the library and the run folder's files, "0.1.0". */
BF_API const char *bf_version(void);

#endif
