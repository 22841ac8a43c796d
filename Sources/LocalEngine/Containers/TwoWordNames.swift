// SPDX-License-Identifier: Apache-2.0

/// Makes names such as `patient_hopper` for containers that were given none.
enum TwoWordNames {
    /// A name at random; from the fifth attempt on with a digit behind, as Docker does, so that a name is always found.
    static func random(attempt: Int) -> String {
        let base = "\(adjectives.randomElement() ?? "plain")_\(people.randomElement() ?? "turing")"
        return attempt < 5 ? base : base + "\(Int.random(in: 0...9))" + (attempt < 20 ? "" : "\(attempt)")
    }

    private static let adjectives = words(
        """
        able agile alert amber ample apt arctic ardent awake azure balmy bold brave breezy bright brisk broad busy calm
        candid careful casual cheerful chief civil classic clean clear clever close cosmic cosy crisp curious daily dapper
        daring dear deep deft direct eager early earnest easy elated elegant epic equal even exact fair famous fast fearless
        fine firm first fit fleet fluent fond frank free fresh friendly frosty full gentle genuine glad golden good
        graceful grand grateful great handy happy hardy hasty hearty helpful high honest hopeful humble ideal jolly jovial
        joyful keen kind lasting late lavish light lively logical loud loyal lucid lucky lunar mellow merry mighty mild
        modest neat nifty nimble noble novel open orderly patient peaceful plain pleasant plucky polite prime prompt proud
        pure quick quiet rapid rare ready regal robust rosy round rugged sage serene sharp shiny silent simple sincere
        sleek smart smooth snug sober solar solid sound spry stable steady still stoic strong subtle sunny super sure
        sweet swift tender thankful tidy timely tough tranquil trusty upbeat urban valiant vast vivid warm wary whole
        wise witty worthy young zealous zesty
        """)

    /// People of mathematics, engineering and the sciences, Korea's among them.
    private static let people = words(
        """
        abel agnesi ampere archimedes aryabhata avogadro babbage bacon banach bardeen bartik becquerel bell berners bernoulli
        bessel bhaskara bohr boltzmann bolyai boole born bose boyle brahe brahmagupta cantor carnot carson cauchy cavendish
        cayley celsius chandra chomsky choi church cohen compton copernicus cori coulomb cray crick curie dalton darwin
        dedekind descartes diffie dijkstra diophantus dirac doppler driscoll easley edison einstein elion engelbart
        eratosthenes erdos euclid euler faraday fermat fermi feynman fibonacci fleming floyd fourier franklin fresnel
        galileo galois gates gauss germain gibbs godel goldberg goldstine goodall haber hadamard hahn hamilton hamming
        hardy hawking heisenberg helmholtz hermite herschel hertz hilbert hoare hodgkin hooke hopper hubble huffman huygens
        hypatia ibnsina jacobi jang jenner johnson joliot joule kahan kalman kapitsa kare keller kepler kernighan
        khayyam khwarizmi kilby knuth koch kolmogorov kovalevskaya lagrange lamarr lamport landau laplace lavoisier
        leavitt lebesgue lee legendre leibniz lenz leonardo liskov lorentz lovelace lyell mach margulis markov maxwell
        mayer mcclintock mccarthy meitner mendel mendeleev merkle michelson milner minkowski mirzakhani morse napier
        nash neumann newton nightingale nobel noether noyce ohm pappus pascal pasteur pauli pauling pavlov payne peano
        penrose perlman planck poincare poisson ptolemy pythagoras raman ramanujan rayleigh ride riemann ritchie roentgen
        rubin rutherford sagan saha sanger sejong sammet schrodinger shannon shaw shockley sinoussi snyder somerville
        stallman stokes stonebraker swartz tesla thales thompson torvalds tharp turing tukey varian vaughan vieta volta
        wallace watson watt weierstrass weyl wien wilbur wiles williams wing wirth wright wu yalow yang yonath young
        yukawa zermelo zhukovsky
        """)

    /// By bytes: characters, which can be several scalars, cost 1.3 million instructions here.
    private static func words(_ text: String) -> [Substring] {
        text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map(Substring.init)
    }
}
