"""Words, names and texts of the pretend customers: the same for the same seed."""

from __future__ import annotations

import itertools
import random

WORDS = 3000
COMMON_WORD, COMMON_EVERY = "boleto", 20
RARE_WORD, RARE_EVERY = "xerimbabo", 25_013
SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeo"]
FIRST = "Ana Bia Caio Davi Elis Fábio Gil Helena Igor Júlia Kátia Léo Mara Nina Otto Paula Rui Sara Téo"
LAST = "Alves Barros Cruz Dias Esteves Farias Góes Horta Lima Melo Nunes Prado Reis Souza Teles Viana"


class Vocabulary:
    """3,000 words, the n-th of them n times rarer than the first (Zipf), as people use words."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        pool = ["".join(parts) for size in (1, 2, 3) for parts in itertools.product(SYLLABLES, repeat=size)]
        self.words = pool[: WORDS // 2] + rng.sample(pool[WORDS // 2 :], WORDS - WORDS // 2)
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))
        self.written = 0

    def text(self) -> str:
        """One message of 3 to 15 words."""
        self.written += 1
        words = self.rng.choices(self.words, cum_weights=self.weights, k=self.rng.randint(3, 15))
        if self.written % COMMON_EVERY == 0:
            words.append(COMMON_WORD)
        if self.written % RARE_EVERY == 0:
            words.append(RARE_WORD)
        return " ".join(words)

    def name(self) -> str:
        return f"{self.rng.choice(FIRST.split())} {self.rng.choice(LAST.split())}"
