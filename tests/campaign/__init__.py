"""Damages files and kills processes, for as long as one likes: ``scripts/campaign --minutes 10``.

Each try is made in a process of its own, so that crashes, hangs and memory are seen. What was damaged must be read or
refused with a sentence, and what has a checksum never read as something else; what was killed must end, by the same
command or by ``--resume``, with the bits of what nobody disturbed. The same seed damages and kills alike.
"""
