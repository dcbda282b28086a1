/* For tests only: Wine 8 has no bcryptprimitives.dll, from which every Rust program takes its random bytes, and without
 * which it ends with code 53 and no word. This one asks bcrypt.dll, which Wine does have. It is put into the tests' own
 * Wine folder and nowhere else; Windows, and Wine from version 9 on, bring the real one. */
#include <windows.h>
#include <bcrypt.h>

/* Takes a length of 64 bits; bcrypt.dll takes one of 32, so long wishes are granted in pieces. */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    const SIZE_T most = 1u << 24;
    SIZE_T done = 0;
    while (done < length) {
        SIZE_T piece = length - done < most ? length - done : most;
        NTSTATUS status = BCryptGenRandom(NULL, buffer + done, (ULONG)piece, BCRYPT_USE_SYSTEM_PREFERRED_RNG);
        if (status != 0)
            return FALSE;
        done += piece;
    }
    return TRUE;
}
