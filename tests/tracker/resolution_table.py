"""The truth table of "resolved in release": every kind of resolution, every scheme of versions, in order and out of it.

A heading says how the issue was resolved, on day 10; what follows are events and how they are judged. `known:` lists
the releases that are known, and the day on which each was first seen. Events happened on day 11 unless the line says
otherwise: `late` is an event of day 9 that arrived on day 12. `-` is an event that names no release.
"""

TABLE = """
resolved now
    -                  regression
    - late             still fixed
    1.4.1              regression
    1.4.1 late         still fixed
    8f4b2c1            regression
    8f4b2c1 late       still fixed
    9.9.9              regression
    9.9.9 late         still fixed

resolved in 1.4.2
    1.4.2              regression
    1.4.3              regression
    1.4.10             regression
    1.5.0-alpha        regression
    1.10               regression
    2                  regression
    1.4.2.1            regression
    1.4.2+17           regression
    v1.4.2             regression
    v1.4.10            regression
    1.4.1              not covered
    1.4                not covered
    1.4.2-rc.1         not covered
    1.3.99             not covered
    0.9                not covered
    v1.4.1             not covered
    1.4.1.9            not covered
    1.4.1+99           not covered
    1.4.1 late         not covered
    1.4.2 late         regression
    2 late             regression
    -                  regression
    - late             still fixed

resolved in 1.4.2, which was deleted
known: 1.4.1 on day 1, 1.4.3 on day 11
    1.4.1              not covered
    1.4.2              regression
    1.4.3              regression

resolved in 1.4.2
known: 1.4.2 on day 3, 1.4.1 on day 8, 1.3.9 on day 11, 1.5.0 on day 2
    1.4.1              not covered
    1.3.9              not covered
    1.4.2              regression
    1.5.0              regression

resolved in v2.0.0
    2.0.0              regression
    v2.0.1             regression
    1.9.9              not covered
    v1.9.9             not covered
    2.0.0-rc.9         not covered

resolved in 2.0.0-rc.2
    2.0.0-rc.1         not covered
    2.0.0-beta.11      not covered
    2.0.0-rc.2         regression
    2.0.0-rc.10        regression
    2.0.0              regression

resolved in shop@1.4.2
    shop@1.4.1         not covered
    shop@v1.4.1        not covered
    shop@1.4.2         regression
    shop@1.4.2+8       regression
    shop@1.5.0         regression

resolved in shop@1.4.2
known: shop@1.4.2 on day 5, till@9.0 on day 3, till@0.1 on day 11, 8f4b2c1 on day 4
known: 0a1b2c3 on day 11
    till@9.0           not covered
    till@0.1           regression
    8f4b2c1            not covered
    0a1b2c3            regression

resolved in shop@1.4.2
known: till@9.0 on day 3
    till@9.0           not covered

resolved in 1.0.0+17
    1.0.0+9            not covered
    1.0.0+16           not covered
    1.0.0 (16)         not covered
    1.0.0              not covered
    1.0.0+17           regression
    1.0.0 (17)         regression
    1.0.0+18           regression
    1.0.0+100          regression
    1.0.1+1            regression
    0.9.9+500          not covered

resolved in 1.0.0+git.8f4b2c1
    1.0.0+git.0a1b2c3  regression
    1.0.0              regression
    0.9.9+git.ffffff   not covered

resolved in 2026.11.21
    2026.11.20         not covered
    2026.9.30          not covered
    2025.12.31         not covered
    2026.11.21         regression
    2026.11.22         regression
    2026.12.1          regression
    2027.1.1           regression

resolved in 42
    41                 not covered
    9                  not covered
    42                 regression
    100                regression

resolved in 10.0.19041.388
    10.0.19041.9       not covered
    10.0.18363         not covered
    10.0.19041.388     regression
    10.0.19041.1023    regression
    10.0.22000         regression

resolved in 8f4b2c1
known: 8f4b2c1 on day 5, 0a1b2c3 on day 2, ffe1d2c on day 11
    0a1b2c3            not covered
    0a1b2c3 late       not covered
    8f4b2c1            regression
    8f4b2c1 late       regression
    ffe1d2c            regression
    never-seen         regression

resolved in 8f4b2c1, which does not exist yet
known: 0a1b2c3 on day 2, ffe1d2c on day 11
    0a1b2c3            not covered
    ffe1d2c            not covered
    never-seen         not covered
    8f4b2c1            regression
    -                  regression
    - late             still fixed

resolved in 8f4b2c1, which was deleted and had been seen on day 5
known: 0a1b2c3 on day 2, ffe1d2c on day 11
    0a1b2c3            not covered
    8f4b2c1            regression
    ffe1d2c            regression

resolved in 8f4b2c1
known: 8f4b2c1 on day 5 and released on day 3, 0a1b2c3 on day 4
known: ffe1d2c on day 11 and released on day 2
    0a1b2c3            regression
    ffe1d2c            not covered

resolved in Summer
known: Summer on day 5, Spring on day 1, Autumn on day 11, 1.0.0 on day 4, 0.1.0 on day 11
    Spring             not covered
    Summer             regression
    Autumn             regression
    1.0.0              not covered
    0.1.0              regression

resolved in my app/v 2
known: my app/v 2 on day 5, my app/v 1 on day 4, my app/v 3 on day 11
    my app/v 1         not covered
    my app/v 2         regression
    my app/v 3         regression

resolved in 1.4.9 and 2.1.0
    0.9.9              not covered
    1.3.0              not covered
    1.4.8              not covered
    1.4.9              regression
    1.4.10             regression
    1.5.0              regression
    2.0.5              not covered
    2.1.0-rc.1         not covered
    2.1.0              regression
    2.1.1              regression
    2.2.0              regression
    3.0.0              regression
    2.0.5 late         not covered
    1.4.10 late        regression
    -                  regression
    - late             still fixed

resolved in 1.4.9 and 2.0.5 and 2.1.3
    1.4.8              not covered
    1.4.9              regression
    2.0.4              not covered
    2.0.5              regression
    2.0.6              regression
    2.1.0              not covered
    2.1.2              not covered
    2.1.3              regression
    2.2.0              regression

resolved in 1.4.9 and 3.0.1
    1.4.10             regression
    2.5.0              not covered
    3.0.0              not covered
    3.0.1              regression
    3.1.0              regression

resolved in 2.0.5 and 2.2.3
    2.0.6              regression
    2.1.0              not covered
    2.2.0              not covered
    2.2.3              regression
    2.3.0              regression

resolved in shop@1.4.9 and shop@2.1.0
    shop@1.4.8         not covered
    shop@1.4.10        regression
    shop@2.0.5         not covered
    shop@2.1.1         regression

resolved in ios@1.2.0 and android@3.4.0
    ios@1.1.9          not covered
    ios@1.2.0          regression
    android@3.3.9      not covered
    android@1.5.0      not covered
    android@3.4.1      regression

resolved in 8f4b2c1 and 0a1b2c3
known: 0a1b2c3 on day 3, 8f4b2c1 on day 6, aaaaaaa on day 1, bbbbbbb on day 5, ccccccc on day 11
    aaaaaaa            not covered
    0a1b2c3            regression
    bbbbbbb            not covered
    8f4b2c1            regression
    ccccccc            regression

resolved in the next release after 1.4.2
known: 1.4.2 on day 8, 1.4.1 on day 2
    1.4.1              not covered
    1.4.2              not covered
    1.4.2 late         not covered
    1.4.2+17           regression
    v1.4.2             not covered
    1.4.2-rc.1         not covered
    1.4.3-rc.1         regression
    1.4.3              regression
    1.4.3 late         regression
    1.10.0             regression
    -                  regression
    - late             still fixed

resolved in the next release after 1.4.2
known: 1.4.2 on day 8, 1.3.9 on day 11, shop@1.0 on day 2, shop@1.1 on day 11, 8f4b2c1 on day 3
known: 0a1b2c3 on day 11
    1.3.9              not covered
    shop@1.0           not covered
    shop@1.1           regression
    8f4b2c1            not covered
    0a1b2c3            regression

resolved in the next release after ios@1.2.0
known: ios@1.2.0 on day 2, android@3.4.0 on day 9, android@3.5.0 on day 11
    ios@1.2.0          not covered
    ios@1.2.1          regression
    android@3.4.0      not covered
    android@3.5.0      regression

resolved in the next release after 8f4b2c1
known: 8f4b2c1 on day 8, 0a1b2c3 on day 2, ffe1d2c on day 11
    0a1b2c3            not covered
    8f4b2c1            not covered
    ffe1d2c            regression
    never-seen         regression

resolved in the next release after 1.0.0+git.8f4b2c1
    1.0.0+git.0a1b2c3  not covered
    1.0.1+git.0a1b2c3  regression

resolved in the next minor after 2.3.7
    2.3.7              not covered
    2.3.8              not covered
    2.3.99 late        not covered
    2.4.0-rc.1         not covered
    2.4.0              regression
    2.4.0 late         regression
    2.5                regression
    3.0.0              regression
    1.9.0              not covered
    -                  regression
    - late             still fixed

resolved in the next minor after shop@2.3.7+41
known: 8f4b2c1 on day 11
    shop@2.3.8+50      not covered
    shop@2.4.0+60      regression
    8f4b2c1            not covered

resolved in the next minor after 2.4.0-rc.1
    2.4.0-rc.2         not covered
    2.4.0              regression

resolved in the next major after 2.3.7
    2.9.0              not covered
    2.99.99 late       not covered
    3.0.0-beta         not covered
    3.0.0              regression
    4.1                regression

resolved in the next major after 2026.11.21
    2026.12.31         not covered
    2027.1.1           regression

resolved in the range >=2.4 when 2.3.7 was the newest
    2.3.99             not covered
    2.4.0-rc.1         not covered
    2.4.0              regression
    2.4.0 late         regression
    3.0.0              regression
    -                  regression
    - late             still fixed

resolved in the range >2.4 when 2.3.7 was the newest
    2.4.0              not covered
    2.4.1              regression

resolved in the range ^3 when 2.3.7 was the newest
    2.9.9              not covered
    3.0.0              regression
    3.9.0              regression
    4.0.0              regression

resolved in the range >^2.1.0 when 2.1.0 was the newest
    2.9.0              not covered
    3.0.0              regression

resolved in the range 8.20.* when 8.19.4 was the newest
    8.19.45678         not covered
    8.20.0             regression
    8.21.0             regression

resolved in the range >=2.4 <3 when 2.3.7 was the newest
    2.3.9              not covered
    2.9.9              regression
    3.0.0              not covered

resolved in the range >=2.4 when shop@2.3.7 was the newest
known: 8f4b2c1 on day 11
    shop@2.3.9         not covered
    shop@2.4.0         regression
    8f4b2c1            not covered

resolved by a commit that no release contains
known: 1.4.2 on day 8
    1.4.2              not covered
    9.9.9              not covered
    8f4b2c1            not covered
    -                  regression
    - late             still fixed

resolved by a commit that came with 1.4.2
known: 1.4.2 on day 8
    1.4.1              not covered
    1.4.1 late         not covered
    1.4.2              regression
    1.4.3              regression

resolved by a commit that came with 1.5.0 and 1.4.2
known: 1.4.2 on day 9, 1.5.0 on day 8
    1.4.1              not covered
    1.4.2              regression
    1.4.3              regression
    1.5.0-rc.1         regression

resolved by a commit that came with ios@1.2.0 and android@3.4.0
known: ios@1.2.0 on day 5, android@3.4.0 on day 8, web@7 on day 3, web@8 on day 11
    ios@1.1.0          not covered
    ios@1.2.0          regression
    android@3.3.0      not covered
    android@3.4.0      regression
    web@7              not covered
    web@8              regression

resolved by a commit that came with 8f4b2c1
known: 8f4b2c1 on day 11, 0a1b2c3 on day 9, ffe1d2c on day 12
    0a1b2c3            not covered
    8f4b2c1            regression
    ffe1d2c            regression
"""
