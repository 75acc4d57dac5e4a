#ifndef BF_CORE_SANITIZED_H
#define BF_CORE_SANITIZED_H

/* 1 under AddressSanitizer or ThreadSanitizer: these map terabytes, cannot run under a limit of
 * address space, and take several times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BF_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BF_SANITIZED 1
#endif
#endif
#ifndef BF_SANITIZED
#define BF_SANITIZED 0
#endif

#endif
