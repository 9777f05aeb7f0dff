"""What `structs.py` copies for each class; `pytest tests/compiler/test_struct_methods.py --renew` writes it.

`m` stands for a field that has a default factory, `g` for one that is given, and a number says how many fields.
"""

# mypy: ignore-errors
# ruff: noqa
# fmt: off

FACTORY = object()
"""The default of a parameter whose value is made anew in each call."""


def eq_0():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return () == ()

    return __eq__


def eq_1():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, ) == (other.a0, )

    return __eq__


def eq_10():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, other.a9, )

    return __eq__


def eq_11():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, other.a9, other.a10, )

    return __eq__


def eq_13():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, self.a11, self.a12, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, other.a9, other.a10, other.a11, other.a12, )

    return __eq__


def eq_16():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, self.a11, self.a12, self.a13, self.a14, self.a15, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, other.a9, other.a10, other.a11, other.a12, other.a13, other.a14, other.a15, )

    return __eq__


def eq_2():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, ) == (other.a0, other.a1, )

    return __eq__


def eq_21():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, self.a11, self.a12, self.a13, self.a14, self.a15, self.a16, self.a17, self.a18, self.a19, self.a20, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, other.a9, other.a10, other.a11, other.a12, other.a13, other.a14, other.a15, other.a16, other.a17, other.a18, other.a19, other.a20, )

    return __eq__


def eq_3():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, ) == (other.a0, other.a1, other.a2, )

    return __eq__


def eq_4():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, ) == (other.a0, other.a1, other.a2, other.a3, )

    return __eq__


def eq_5():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, )

    return __eq__


def eq_6():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, )

    return __eq__


def eq_7():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, )

    return __eq__


def eq_8():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, )

    return __eq__


def eq_9():
    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, ) == (other.a0, other.a1, other.a2, other.a3, other.a4, other.a5, other.a6, other.a7, other.a8, )

    return __eq__


def hash_0():
    def __hash__(self):
        return hash(())

    return __hash__


def hash_1():
    def __hash__(self):
        return hash((self.a0, ))

    return __hash__


def hash_10():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, ))

    return __hash__


def hash_11():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, ))

    return __hash__


def hash_13():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, self.a11, self.a12, ))

    return __hash__


def hash_2():
    def __hash__(self):
        return hash((self.a0, self.a1, ))

    return __hash__


def hash_21():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, self.a8, self.a9, self.a10, self.a11, self.a12, self.a13, self.a14, self.a15, self.a16, self.a17, self.a18, self.a19, self.a20, ))

    return __hash__


def hash_3():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, ))

    return __hash__


def hash_4():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, ))

    return __hash__


def hash_5():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, ))

    return __hash__


def hash_6():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, ))

    return __hash__


def hash_7():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, ))

    return __hash__


def hash_8():
    def __hash__(self):
        return hash((self.a0, self.a1, self.a2, self.a3, self.a4, self.a5, self.a6, self.a7, ))

    return __hash__


def init_frozen_g(set0):
    def __init__(self, a0):
        set0(self, a0)

    return __init__


def init_frozen_gg(set0, set1):
    def __init__(self, a0, a1):
        set0(self, a0)
        set1(self, a1)

    return __init__


def init_frozen_ggg(set0, set1, set2):
    def __init__(self, a0, a1, a2):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)

    return __init__


def init_frozen_gggg(set0, set1, set2, set3):
    def __init__(self, a0, a1, a2, a3):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)

    return __init__


def init_frozen_ggggg(set0, set1, set2, set3, set4):
    def __init__(self, a0, a1, a2, a3, a4):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)

    return __init__


def init_frozen_gggggg(set0, set1, set2, set3, set4, set5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)

    return __init__


def init_frozen_ggggggg(set0, set1, set2, set3, set4, set5, set6):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)

    return __init__


def init_frozen_gggggggg(set0, set1, set2, set3, set4, set5, set6, set7):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)

    return __init__


def init_frozen_ggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)

    return __init__


def init_frozen_gggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)

    return __init__


def init_frozen_ggggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, set10):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)
        set10(self, a10)

    return __init__


def init_frozen_gggggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, set10, set11):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)
        set10(self, a10)
        set11(self, a11)

    return __init__


def init_frozen_gggggggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, set10, set11, set12, set13):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)
        set10(self, a10)
        set11(self, a11)
        set12(self, a12)
        set13(self, a13)

    return __init__


def init_frozen_gggggggggggggggggggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, set10, set11, set12, set13, set14, set15, set16, set17, set18, set19, set20, set21):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)
        set10(self, a10)
        set11(self, a11)
        set12(self, a12)
        set13(self, a13)
        set14(self, a14)
        set15(self, a15)
        set16(self, a16)
        set17(self, a17)
        set18(self, a18)
        set19(self, a19)
        set20(self, a20)
        set21(self, a21)

    return __init__


def init_frozen_gggggggggm(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, make9):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, a4)
        set5(self, a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, make9() if a9 is FACTORY else a9)

    return __init__


def init_frozen_ggggmmggggg(set0, set1, set2, set3, set4, set5, set6, set7, set8, set9, set10, make4, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, a3)
        set4(self, make4() if a4 is FACTORY else a4)
        set5(self, make5() if a5 is FACTORY else a5)
        set6(self, a6)
        set7(self, a7)
        set8(self, a8)
        set9(self, a9)
        set10(self, a10)

    return __init__


def init_frozen_gggmg(set0, set1, set2, set3, set4, make3):
    def __init__(self, a0, a1, a2, a3, a4):
        set0(self, a0)
        set1(self, a1)
        set2(self, a2)
        set3(self, make3() if a3 is FACTORY else a3)
        set4(self, a4)

    return __init__


def init_frozen_mg(set0, set1, make0):
    def __init__(self, a0, a1):
        set0(self, make0() if a0 is FACTORY else a0)
        set1(self, a1)

    return __init__


def init_frozen_mm(set0, set1, make0, make1):
    def __init__(self, a0, a1):
        set0(self, make0() if a0 is FACTORY else a0)
        set1(self, make1() if a1 is FACTORY else a1)

    return __init__


def init_g():
    def __init__(self, a0):
        self.a0 = a0

    return __init__


def init_gg():
    def __init__(self, a0, a1):
        self.a0 = a0
        self.a1 = a1

    return __init__


def init_ggg():
    def __init__(self, a0, a1, a2):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2

    return __init__


def init_gggg():
    def __init__(self, a0, a1, a2, a3):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3

    return __init__


def init_ggggggg():
    def __init__(self, a0, a1, a2, a3, a4, a5, a6):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = a5
        self.a6 = a6

    return __init__


def init_gggggggggg():
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = a5
        self.a6 = a6
        self.a7 = a7
        self.a8 = a8
        self.a9 = a9

    return __init__


def init_gggggmmmmgg(make5, make6, make7, make8):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = make6() if a6 is FACTORY else a6
        self.a7 = make7() if a7 is FACTORY else a7
        self.a8 = make8() if a8 is FACTORY else a8
        self.a9 = a9
        self.a10 = a10

    return __init__


def init_ggggm(make4):
    def __init__(self, a0, a1, a2, a3, a4):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = make4() if a4 is FACTORY else a4

    return __init__


def init_gggmm(make3, make4):
    def __init__(self, a0, a1, a2, a3, a4):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4

    return __init__


def init_gggmmgg(make3, make4):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = a5
        self.a6 = a6

    return __init__


def init_gggmmmm(make3, make4, make5, make6):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = make6() if a6 is FACTORY else a6

    return __init__


def init_ggm(make2):
    def __init__(self, a0, a1, a2):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2

    return __init__


def init_ggmg(make2):
    def __init__(self, a0, a1, a2, a3):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = a3

    return __init__


def init_ggmmmm(make2, make3, make4, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5

    return __init__


def init_ggmmmmggmmmmmmmg(make2, make3, make4, make5, make8, make9, make10, make11, make12, make13, make14):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = a6
        self.a7 = a7
        self.a8 = make8() if a8 is FACTORY else a8
        self.a9 = make9() if a9 is FACTORY else a9
        self.a10 = make10() if a10 is FACTORY else a10
        self.a11 = make11() if a11 is FACTORY else a11
        self.a12 = make12() if a12 is FACTORY else a12
        self.a13 = make13() if a13 is FACTORY else a13
        self.a14 = make14() if a14 is FACTORY else a14
        self.a15 = a15

    return __init__


def init_ggmmmmm(make2, make3, make4, make5, make6):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = make6() if a6 is FACTORY else a6

    return __init__


def init_ggmmmmmm(make2, make3, make4, make5, make6, make7):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = make6() if a6 is FACTORY else a6
        self.a7 = make7() if a7 is FACTORY else a7

    return __init__


def init_ggmmmmmmg(make2, make3, make4, make5, make6, make7):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7, a8):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.a6 = make6() if a6 is FACTORY else a6
        self.a7 = make7() if a7 is FACTORY else a7
        self.a8 = a8

    return __init__


def init_gm(make1):
    def __init__(self, a0, a1):
        self.a0 = a0
        self.a1 = make1() if a1 is FACTORY else a1

    return __init__


def init_gmmg(make1, make2):
    def __init__(self, a0, a1, a2, a3):
        self.a0 = a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = a3

    return __init__


def init_gmmm(make1, make2, make3):
    def __init__(self, a0, a1, a2, a3):
        self.a0 = a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3

    return __init__


def init_gmmmg(make1, make2, make3):
    def __init__(self, a0, a1, a2, a3, a4):
        self.a0 = a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = a4

    return __init__


def init_gmmmmm(make1, make2, make3, make4, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        self.a0 = a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5

    return __init__


def init_mm(make0, make1):
    def __init__(self, a0, a1):
        self.a0 = make0() if a0 is FACTORY else a0
        self.a1 = make1() if a1 is FACTORY else a1

    return __init__


def init_mmm(make0, make1, make2):
    def __init__(self, a0, a1, a2):
        self.a0 = make0() if a0 is FACTORY else a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2

    return __init__


def init_mmmm(make0, make1, make2, make3):
    def __init__(self, a0, a1, a2, a3):
        self.a0 = make0() if a0 is FACTORY else a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3

    return __init__


def init_mmmmgggm(make0, make1, make2, make3, make7):
    def __init__(self, a0, a1, a2, a3, a4, a5, a6, a7):
        self.a0 = make0() if a0 is FACTORY else a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = a4
        self.a5 = a5
        self.a6 = a6
        self.a7 = make7() if a7 is FACTORY else a7

    return __init__


def init_mmmmmm(make0, make1, make2, make3, make4, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        self.a0 = make0() if a0 is FACTORY else a0
        self.a1 = make1() if a1 is FACTORY else a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5

    return __init__


def init_more_gggmmm(make3, make4, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = make3() if a3 is FACTORY else a3
        self.a4 = make4() if a4 is FACTORY else a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.__post_init__()

    return __init__


def init_more_ggmggm(make2, make5):
    def __init__(self, a0, a1, a2, a3, a4, a5):
        self.a0 = a0
        self.a1 = a1
        self.a2 = make2() if a2 is FACTORY else a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = make5() if a5 is FACTORY else a5
        self.__post_init__()

    return __init__
