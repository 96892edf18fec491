/* Owns making the crypto library ready. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

/* To be called by every program before anything else of crypto/; may be called
 * again.  Ends the program if the library cannot be used. */
void crypto_init(void);

#endif
