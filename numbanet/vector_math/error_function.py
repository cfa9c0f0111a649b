"""The error function and gelu in the arithmetic of the argument, at most 1 unit in the last place off.

erf(x) is x + x * polynomial(x**2) where abs(x) < 1, and 1 - 2**polynomial(abs(x)) elsewhere, where an error of the
exponent counts for less than a sixth.

gelu(x) is max(x, 0) - y with y = a * P(X > a) for a = abs(x) and a standard normal X. P(X > a) is exp(-a**2 / 2) times
a smooth factor G, and (a + k) * G is a polynomial of a / (a + k) - 1/2. What is rounded on the way to y is kept beside
it: a quotient, a square, the last steps of the polynomial, products (Dekker: A Floating-Point Technique for Extending
the Available Precision, 1971).

All polynomials were fitted by Remez's algorithm to relative errors, or to absolute ones of erfc; one coefficient after
the other was rounded, and those after it were fitted again.
"""

from types import ModuleType
from typing import NamedTuple

from numbanet.vector_math import float32, float64
from numbanet.vector_math.lanes import at_least, at_most, copysign, horner, multiply_add, select, where_rare


class Constants(NamedTuple):
    """What erf and gelu are made of for one dtype.

    Parameters
    ----------
    maths : module
        Has the reduction of arguments and powers of 2.
    erf : tuple of float
        erf(x) / x - 1 as a polynomial of x**2, for abs(x) <= 1.
    log2_complement : tuple of float
        log2(erfc(x)) for x from 1 to `one`; it has no constant term, so that its last step is rounded once.
    exp2 : tuple of float
        2**r for abs(r) <= 1/2.
    one : float
        The error function of it is rounded to 1.
    mantissa : int
        The bits after the binary point of 1.
    k : float
        As above.
    factor : tuple of float
        (a + k) * G as a polynomial of a / (a + k) - 1/2.
    factor_low : float
        What the first coefficient of it lost when it was rounded.
    pairs : int
        The coefficients of it, from the first on, that are added to a pair.
    normal : float
        y is a normal number for smaller a, and less than half a unit in the last place of any larger a.
    nothing : float
        y is rounded to 0 for larger a.
    tiny : float
        gelu(x) is x / 2 for smaller x.
    """

    maths: ModuleType
    erf: tuple
    log2_complement: tuple
    exp2: tuple
    one: float
    mantissa: int
    k: float
    factor: tuple
    factor_low: float
    pairs: int
    normal: float
    nothing: float
    tiny: float


SINGLE = Constants(
    maths=float32,
    erf=(
        0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026, 0.005187162198126316,
        -0.0007997853099368513, 7.806903158780187e-05,
    ),
    log2_complement=(
        0.0, -1.6280461549758911, -0.9173323512077332, -0.15162253379821777, 0.03287340700626373,
        -0.004592269193381071, 0.0003032275417353958,
    ),
    exp2=(
        1.0, 0.6931472420692444, 0.24022655189037323, 0.05550272762775421, 0.009617060422897339,
        0.001341774594038725, 0.00015827316383365542,
    ),
    one=4.0, mantissa=23, k=5.0,
    factor=(
        0.7691930532455444, -1.3307650089263916, 1.9812222719192505, -2.508268356323242, 2.6403448581695557,
        -2.2115254402160645, 1.3305960893630981, -0.3904678225517273, -0.21297283470630646, 0.33815616369247437,
        0.10741426795721054,
    ),
    factor_low=-2.9967108794437536e-09, pairs=3, normal=13.0, nothing=15.0, tiny=2.0**-25,
)  # fmt: skip

DOUBLE = Constants(
    maths=float64,
    erf=(
        0.12837916709551256, -0.37612638903183343, 0.11283791670936955, -0.026866170641960584, 0.005223977596754516,
        -0.0008548325486227838, 0.00012055280543518748, -1.4924466737277194e-05, 1.6444166495346172e-06,
        -1.6184130932654222e-07, 1.3617378166815056e-08, -7.609212497287007e-10,
    ),
    log2_complement=(
        0.0, -1.6279069436180842, -0.9184489170678127, -0.14826681022477614, 0.027591089956808805,
        0.0003066348343319879, -0.002442890651057362, 0.000830040180584234, 6.382976447302243e-07,
        -0.0001372876853190495, 8.061962408957996e-05, -2.9274568424256226e-05, 7.743577542636015e-06,
        -1.5494884223181122e-06, 2.3415894019056772e-07, -2.602473055037806e-08, 2.011580548282986e-09,
        -9.667089035970784e-11, 2.1752133523249134e-12,
    ),
    exp2=(
        1.0, 0.6931471805599457, 0.2402265069591012, 0.05550410866480357, 0.00961812910759005, 0.0013333558148243146,
        0.0001540353046996939, 1.5252733577096604e-05, 1.3215426245099981e-06, 1.0177740721635248e-07,
        7.075644919682861e-09, 4.5496087717377794e-10,
    ),
    one=6.0, mantissa=52, k=6.0,
    factor=(
        0.7773517718933622, -1.402018059181731, 2.2758755672591358, -3.3112286862047404, 4.287587933466232,
        -4.885767426061671, 4.811002602840292, -3.9661203850836175, 2.567634082410571, -1.0913818646317328,
        0.03365895143124738, 0.3714260926269394, -0.2652252541383283, 0.008811574974763496, 0.11136560112875943,
        -0.05897235217534079, -0.028270400487645994, 0.04065694303869568, 0.0026355040499355014, -0.02243282461790431,
        2.4221785655503604e-06, 0.009713287095722013, 0.0027638318001999454,
    ),
    factor_low=-5.195625516068923e-17, pairs=3, normal=37.0, nothing=40.0, tiny=2.0**-54,
)  # fmt: skip

DENSITY = 0.3989422804014327
"""Of a standard normal number at 0."""


def _constants_of(v):
    return SINGLE if v.width == 32 else DOUBLE


def erf(v):
    of = _constants_of(v)
    a = at_most(abs(v), of.one)
    small = a < 1.0
    w = select(small, v * v, a)
    both = [  # where one polynomial is longer, the other goes on with zeros
        select(small, v.of(of.erf[i] if i < len(of.erf) else 0.0), c) for i, c in enumerate(of.log2_complement)
    ]
    slope = horner(w, both[1:])
    series = multiply_add(w, slope, both[0])
    shifted = series + of.maths.SHIFT
    r = multiply_add(w, slope, of.maths.SHIFT - shifted)
    power = ((shifted.bits() << of.mantissa) + of.maths.ONE_BITS).as_real()
    y = select(small, multiply_add(a, series, a), multiply_add(-horner(r, of.exp2), power, 1.0))
    return copysign(y, v)


def _sum_of(large, small):
    """(high, low), whose sum is large + small: the second is not the larger, or the first is 0."""
    high = large + small
    return high, (large - high) + small


def _tail(of, a):
    """(high, low, shifted): y is (high + low) * 2**n, and n stands in the last bits of `shifted`."""
    k = a.of(of.k)
    d, d_low = _sum_of(at_least(a, k), at_most(a, k))
    inverse = 1.0 / d
    p = a * inverse
    p_low = multiply_add(-p, d_low, multiply_add(-p, d, a)) * inverse
    w, w_low = _sum_of(p.of(-0.5), p)
    w_low = w_low + p_low
    high, low = horner(w, of.factor[of.pairs :]), p.of(0.0)
    for i in reversed(range(of.pairs)):
        product = w * high
        low = multiply_add(w_low, high, multiply_add(w, low, multiply_add(w, high, -product)))
        high = product + of.factor[i]
        back = high - of.factor[i]  # of product and coefficient either may be the larger (Knuth: TAOCP 2, 4.2.2)
        low = low + ((product - back) + (of.factor[i] - (high - back)))
    low = low + of.factor_low
    y = p * high
    y_low = multiply_add(p, low, multiply_add(p_low, high, multiply_add(p, high, -y)))
    z = a * a
    shifted, r, tail = of.maths.reduced_exp(z * -0.5, multiply_add(a, a, -z) * -0.5)
    high = multiply_add(y, r, y)
    low = multiply_add(y, r, y - high) + multiply_add(y, tail, multiply_add(y_low, r, y_low))
    return high, low, shifted


def gelu(v):
    of = _constants_of(v)

    def everywhere():
        high, low, shifted = _tail(of, at_most(abs(v), of.nothing))
        n = shifted.bits() - of.maths.SHIFT_BITS
        half = n >> 1  # 2**n itself may be no normal number
        y = (high + low) * of.maths.power_of_2(half) * of.maths.power_of_2(n - half)
        return select(v > 0.0, v, copysign(y, v))

    high, low, shifted = _tail(of, abs(v))
    power, positive = of.maths.power_of_2(shifted.bits()), at_least(v, 0.0)
    part = high * power
    y = positive - part
    y = y + (((positive - y) - part) - low * power)
    y = copysign(select(abs(v) < of.tiny, v * 0.5, y), v)
    return where_rare(~(abs(v) < of.normal), everywhere, y)


def gelu_gradient(g, v):
    """g * (P(X <= v) + v * density(v)): one polynomial is enough, for the slope is not asked for beyond its last bits.

    With a = abs(v), P(X > a) - a * density(a) is exp(-a**2 / 2) * (G - a / sqrt(2 pi)); what it lacks of 1 is the
    slope at a.
    """
    of = _constants_of(v)
    a = at_most(abs(v), of.nothing)
    inverse = 1.0 / (a + of.k)
    smooth = horner(multiply_add(a, inverse, -0.5), of.factor) * inverse
    smooth = multiply_add(a, -DENSITY, smooth)
    z = a * a

    def slope(power):
        part = power * smooth
        return select(v > 0.0, 1.0 - part, part)

    def everywhere():
        power = of.maths.exp_everywhere(z * -0.5)
        return select(power.equals(0.0), select(v > 0.0, v.of(1.0), 0.0), slope(power))

    shifted, r, tail = of.maths.reduced_exp(z * -0.5, multiply_add(a, a, -z) * -0.5)
    power = ((1.0 + (r + tail)).bits() + (shifted.bits() << of.mantissa)).as_real()
    return g * where_rare(~(a < of.normal), everywhere, slope(power))
